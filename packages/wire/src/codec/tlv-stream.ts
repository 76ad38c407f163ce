import { err, ok, type Result } from '@boltwright/base';
import { type WireError, wireError } from '../wire-error.ts';
import { DecodeFailure } from './failure.ts';
import { Reader } from './reader.ts';
import { TlvFields, type TlvList, type TlvValues, type WithUnknownTlvs } from './tlv-fields.ts';
import { requireFull, Writer } from './writer.ts';

/** The object of a TLV stream that stands alone: an onion payload, a blinded path's data. */
export type TlvStreamValues<S extends TlvList> = {
  readonly [K in keyof (TlvValues<S> & WithUnknownTlvs)]: (TlvValues<S> & WithUnknownTlvs)[K];
};

/** Encoder and decoder of a TLV stream that stands alone. */
export interface TlvStreamCodec<V> {
  readonly name: string;
  /** Bytes that `encode` gives. */
  size(values: V): number;
  /** @throws RangeError, naming stream and field, for a value that does not fit. */
  encode(values: V): Uint8Array;
  /** Byte fields are views of `bytes`. */
  decode(bytes: Uint8Array): Result<V, WireError>;
}

/** The values of a stream's codec. */
export type TlvStreamOf<C> = C extends TlvStreamCodec<infer V> ? V : never;

/** How a stream treats what it does not know, and where it is laid out. */
export interface TlvStreamOptions {
  /**
   * `reject` (default): an unknown even type is an error (BOLT 1, Type-Length-Value Format). `keep`: it goes into
   * `unknownTlvs` and the caller decides, as who takes custom onion records has to.
   */
  readonly unknownEven?: 'reject' | 'keep';
  /** The section of the stream's specification, for errors. */
  readonly spec?: string;
}

/**
 * Declares a TLV stream that stands alone; within a message the message's own `tlvs` are it.
 *
 * @param name - For errors.
 */
export function tlvStream<const S extends TlvList>(
  name: string,
  tlvs: S,
  options: TlvStreamOptions = {},
): TlvStreamCodec<TlvStreamValues<S>> {
  const spec = options.spec ?? 'BOLT #1: Type-Length-Value Format';
  const fields = new TlvFields(tlvs, options.unknownEven === 'keep');
  const named = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(`${name}.${error.message}`);
      if (error instanceof TypeError) throw new TypeError(`${name}.${error.message}`);
      throw error;
    }
  };
  return {
    name,
    size: (values) => named(() => fields.size(values)),
    encode: (values) =>
      named(() => {
        const writer = new Writer(fields.size(values));
        fields.write(writer, values);
        requireFull(writer, name);
        return writer.bytes;
      }),
    decode(bytes) {
      const values: Record<string, unknown> = {};
      try {
        fields.read(new Reader(bytes), values);
        return ok(values as TlvStreamValues<S>);
      } catch (failure) {
        if (!(failure instanceof DecodeFailure)) throw failure;
        const field = [...failure.path].reverse().join('.');
        return err(wireError(failure.fault, { messageName: name, field, offset: failure.offset, spec }));
      }
    },
  };
}
