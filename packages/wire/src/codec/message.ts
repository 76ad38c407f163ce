import { err, ok, type Result } from '@boltwright/base';
import { type WireError, wireError } from '../wire-error.ts';
import { DecodeFailure } from './failure.ts';
import type { FieldList, FieldValues } from './field-type.ts';
import { Reader } from './reader.ts';
import { TlvFields, type TlvList, type TlvValues, type WithUnknownTlvs } from './tlv-fields.ts';
import { requireFull, Writer } from './writer.ts';

/** Most bytes of a message, its type included (BOLT 1, Lightning Message Format). */
export const maxMessageLength = 65535;

const messageFormat = 'BOLT #1: Lightning Message Format';

/** What every message has: `type` is its BOLT name. */
export interface WireMessage {
  readonly type: string;
}

/** Encoder and decoder of one message. */
export interface MessageCodec<M extends WireMessage> {
  /** The u16 before the message's payload. */
  readonly number: number;
  readonly name: M['type'];
  /** The BOLT section that lays it out. */
  readonly spec: string;
  /** Its fields, in wire order. */
  readonly fields: FieldList;
  /** Known records of its extension. */
  readonly tlvs: TlvList;
  /**
   * The message's bytes, beginning with its 2-byte type.
   *
   * @throws RangeError, naming message and field, for a value that does not fit, or a message above 65535 bytes.
   */
  encode(message: M): Uint8Array;
  /** A message from its bytes, beginning with the 2-byte type. Byte fields are views of `bytes`. */
  decode(bytes: Uint8Array): Result<M, WireError>;
}

/** The message type of a codec. */
export type MessageOf<C> = C extends MessageCodec<infer M> ? M : never;

/** The type that {@link message} infers from its lists. */
export type MessageShape<Name extends string, F extends FieldList, S extends TlvList> = { readonly type: Name } & {
  readonly [K in keyof (FieldValues<F> & TlvValues<S> & WithUnknownTlvs)]: (FieldValues<F> &
    TlvValues<S> &
    WithUnknownTlvs)[K];
};

/** The type that {@link signedMessage} infers. */
export type SignedMessageShape<Name extends string, F extends FieldList> = { readonly type: Name } & {
  readonly [K in keyof (FieldValues<F> & WithExtension)]: (FieldValues<F> & WithExtension)[K];
};

/** Bytes after the known fields, kept as they came; absent where there are none. */
export interface WithExtension {
  readonly extension?: Uint8Array | undefined;
}

type Values = { [name: string]: unknown; extension?: Uint8Array | undefined };

interface Tail {
  read(reader: Reader, into: Values): void;
  size(from: Values): number;
  write(writer: Writer, from: Values): void;
}

/**
 * Declares a message: one list gives its type, encoder and decoder.
 *
 * The extension after the fields is a TLV stream, also where `tlvs` is left out: unknown odd records are kept in
 * `unknownTlvs` and encoded again, an unknown even one is an error (BOLT 1, Lightning Message Format).
 *
 * @param number - The u16 type; custom messages take 32768 to 65535.
 * @param fields - Key order is wire order.
 * @param tlvs - Known records of the extension, see `tlv`.
 * @param spec - The section of the message's specification, for errors.
 */
export function message<
  const Name extends string,
  const F extends FieldList,
  const S extends TlvList = Record<never, never>,
>(
  number: number,
  name: Name,
  fields: F,
  tlvs?: S,
  spec: string = messageFormat,
): MessageCodec<MessageShape<Name, F, S>> {
  return compile(number, name, fields, tlvs ?? {}, new TlvFields(tlvs ?? {}, false), spec);
}

/**
 * Declares a message whose signature covers all its bytes: what follows the fields is kept in `extension` unparsed, so
 * that the message encodes again to the bytes that were signed (BOLT 1, Appendix C; BOLT 7).
 */
export function signedMessage<const Name extends string, const F extends FieldList>(
  number: number,
  name: Name,
  fields: F,
  spec: string = messageFormat,
): MessageCodec<SignedMessageShape<Name, F>> {
  return compile(number, name, fields, {}, rawExtension, spec);
}

const rawExtension: Tail = {
  read(reader, into) {
    if (reader.remaining > 0) into.extension = reader.view(reader.remaining);
  },
  size: ({ extension }) => (extension === undefined ? 0 : extension.length),
  write(writer, { extension }) {
    if (extension !== undefined) writer.raw(extension);
  },
};

function compile<M extends WireMessage>(
  number: number,
  name: string,
  fields: FieldList,
  tlvs: TlvList,
  tail: Tail,
  spec: string,
): MessageCodec<M> {
  if (!(Number.isInteger(number) && number >= 0 && number <= 0xffff)) {
    throw new RangeError(`message type ${number} of ${name} is outside a u16`);
  }
  const names = Object.keys(fields);
  const clash = names.find((field) => Object.hasOwn(tlvs, field));
  if (clash !== undefined) throw new RangeError(`${name} has '${clash}' as a field and as a TLV record`);
  for (const reserved of ['type', 'extension', 'unknownTlvs']) {
    if (names.includes(reserved) || Object.hasOwn(tlvs, reserved)) {
      throw new RangeError(`${name} may have no field named '${reserved}'`);
    }
  }
  const types = Object.values(fields);
  const count = types.length;
  const variable = types.flatMap((type, i) => (type.isFixed ? [] : [i]));
  const fixedSize = 2 + types.reduce((sum, type) => sum + (type.isFixed ? type.minSize : 0), 0);

  const encode = (input: M): Uint8Array => {
    const values = input as unknown as Values;
    let field = '';
    try {
      let size = fixedSize;
      for (const i of variable) {
        field = names[i]!;
        size += types[i]!.size(values[field]);
      }
      field = '';
      size += tail.size(values);
      if (size > maxMessageLength) throw new RangeError(`${size} bytes are above ${maxMessageLength}`);
      const writer = new Writer(size);
      writer.u16(number);
      for (let i = 0; i < count; i++) {
        field = names[i]!;
        types[i]!.write(writer, values[field]);
      }
      field = '';
      tail.write(writer, values);
      requireFull(writer, name);
      return writer.bytes;
    } catch (error) {
      throw callerMistake(error, name, field);
    }
  };

  const decode = (bytes: Uint8Array): Result<M, WireError> => {
    const values: Values = { type: name };
    const reader = new Reader(bytes);
    let i = -1;
    try {
      if (bytes.length > maxMessageLength) {
        reader.fail({ kind: 'too_long', length: bytes.length, max: maxMessageLength }, 0);
      }
      const actual = reader.u16();
      if (actual !== number) reader.fail({ kind: 'wrong_type', expected: number, actual }, 0);
      for (i = 0; i < count; i++) values[names[i]!] = types[i]!.read(reader);
      tail.read(reader, values);
      return ok(values as unknown as M);
    } catch (failure) {
      if (!(failure instanceof DecodeFailure)) throw failure;
      const path = [...failure.path, i === -1 ? 'type' : (names[i] ?? '')].reverse().filter((part) => part !== '');
      return err(wireError(failure.fault, { messageName: name, field: path.join('.'), offset: failure.offset, spec }));
    }
  };

  return { number, name: name as M['type'], spec, fields, tlvs, encode, decode };
}

function callerMistake(error: unknown, name: string, field: string): unknown {
  // The extension's errors name their field themselves.
  const place = field === '' ? name : `${name}.${field}`;
  if (error instanceof RangeError) return new RangeError(`${place}: ${error.message}`);
  if (error instanceof TypeError) return new TypeError(`${place}: ${error.message}`);
  return error;
}
