/** Why a session ended. Every one of them ends the connection; none fails a channel. */
export type NoiseErrorCode =
  /** The act's first byte is not 0 (BOLT 8, Handshake Versioning). */
  | 'bad_version'
  /** A point that is no compressed point on secp256k1. */
  | 'bad_public_key'
  /** Act three's encrypted static key does not decrypt. */
  | 'bad_ciphertext'
  /** The Poly1305 tag that ends an act does not match: the other side does not know what it must know. */
  | 'bad_tag'
  /** Bytes came that the other side cannot have made yet: it needs our next act for them. */
  | 'early_bytes'
  /** The encrypted length prefix does not authenticate. */
  | 'bad_length_tag'
  /** The encrypted message does not authenticate. */
  | 'bad_message_tag'
  /** The stream ended within an act or a message. */
  | 'truncated'
  /** The session was closed by our own side. */
  | 'closed';

/** A failure of the handshake or the transport, as data. */
export interface NoiseError {
  readonly kind: 'noise';
  readonly code: NoiseErrorCode;
  /** The act in which it happened; absent once the transport runs. */
  readonly act?: 1 | 2 | 3;
  /** The field as BOLT 8 names it: `v`, `re`, `rs`, `c`, `t`, `lc`, or `m` for an act as a whole. */
  readonly field: string;
  /** Where the requirement stands. */
  readonly section: string;
  /** What was there: a version, a point in hex, or a number of bytes. */
  readonly value?: string | number;
  readonly message: string;
}

const actNames = { 1: 'Act One', 2: 'Act Two', 3: 'Act Three' } as const;

interface Details {
  readonly act?: 1 | 2 | 3 | undefined;
  readonly field: string;
  readonly value?: string | number;
  readonly message: string;
}

export function noiseError(code: NoiseErrorCode, { act, field, value, message }: Details): NoiseError {
  const where =
    code === 'bad_version'
      ? 'Handshake Versioning'
      : act === undefined
        ? 'Receiving and Decrypting Messages'
        : `Handshake Exchange, ${actNames[act]}`;
  return {
    kind: 'noise',
    code,
    ...(act === undefined ? {} : { act }),
    field,
    section: `BOLT 8, ${where}`,
    ...(value === undefined ? {} : { value }),
    message: act === undefined ? message : `${actNames[act]}: ${message}`,
  };
}
