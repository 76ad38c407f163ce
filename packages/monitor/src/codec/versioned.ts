import { concatBytes, copyBytes, err, ok, type Result } from '@boltwright/base';
import { type FieldType, type TlvStreamCodec, tlv, tlvStream } from '@boltwright/wire';

/** Why bytes are no record of this package. */
export interface RecordError {
  readonly kind: 'recordError';
  readonly message: string;
}

export const recordError = (message: string): Result<never, RecordError> => err({ kind: 'recordError', message });

/** A stored form: a version byte, then a TLV stream, whose odd records an older reader passes over. */
export interface VersionedCodec<V> {
  encode(value: V): Uint8Array;
  /** What is read is in bytes of its own. Never throws. */
  decode(bytes: Uint8Array): Result<V, RecordError>;
}

const version = 1;

export const versioned = <V>(stream: TlvStreamCodec<V>): VersionedCodec<V> => ({
  encode: (value) => concatBytes(Uint8Array.of(version), stream.encode(value)),
  decode(bytes) {
    if (bytes[0] !== version) return recordError(`${stream.name}: version ${bytes[0]}, known is ${version}`);
    const decoded = stream.decode(copyBytes(bytes.subarray(1)));
    return decoded.ok ? ok(decoded.value) : recordError(decoded.error.message);
  },
});

/** A stored form of one value: the stream's record 0. */
export function versionedValue<T>(name: string, field: FieldType<T>): VersionedCodec<T> {
  const codec = versioned(tlvStream(name, { value: tlv(0n, field) }));
  return {
    encode: (value) => codec.encode({ value } as Parameters<typeof codec.encode>[0]),
    decode(bytes) {
      const decoded = codec.decode(bytes);
      if (!decoded.ok) return decoded;
      const { value } = decoded.value as { readonly value?: T };
      return value === undefined ? recordError(`${name}: record 0 is missing`) : ok(value);
    },
  };
}
