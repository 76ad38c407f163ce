import type { Result } from '@boltwright/base';
import { type TlvRecord, t, tlv, tlvStream, type WireError } from '@boltwright/wire';
import { type BlindedPath, blindedPathField } from './blinded-path.ts';

/** BOLT #4, The `onion_message` Message: `onionmsg_tlv`, what a hop of an onion message is told. Plain data. */
export interface OnionMessagePayload {
  /** How the recipient may answer. */
  readonly replyPath?: BlindedPath | undefined;
  /** For this hop, by the creator of the blinded path. */
  readonly encryptedRecipientData?: Uint8Array | undefined;
  /** BOLT 12's streams, not read here. */
  readonly invoiceRequest?: Uint8Array | undefined;
  readonly invoice?: Uint8Array | undefined;
  readonly invoiceError?: Uint8Array | undefined;
  /** Records of other types, in their order: a message of the user's own has types from 64 on. */
  readonly unknownTlvs?: readonly TlvRecord[] | undefined;
}

const stream = tlvStream(
  'onionmsg_tlv',
  {
    replyPath: tlv(2n, blindedPathField),
    encryptedRecipientData: tlv(4n, t.rest),
    invoiceRequest: tlv(64n, t.rest),
    invoice: tlv(66n, t.rest),
    invoiceError: tlv(68n, t.rest),
  },
  { unknownEven: 'keep', spec: 'BOLT #4: The `onion_message` Message' },
);

/** @throws RangeError when a value does not fit its field. @see BOLT #4, The `onion_message` Message */
export const encodeOnionMessagePayload = (payload: OnionMessagePayload): Uint8Array => stream.encode(payload);

/** Unknown records, even ones too, are kept: whether they are understood is for the reader of the message to say. */
export const decodeOnionMessagePayload = (bytes: Uint8Array): Result<OnionMessagePayload, WireError> =>
  stream.decode(bytes);
