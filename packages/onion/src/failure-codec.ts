import { concatBytes, copyBytes, err, ok, type Result } from '@boltwright/base';
import {
  type FieldList,
  type FieldType,
  type MessageCodec,
  signedMessage,
  type TlvRecord,
  t,
  tlvStream,
} from '@boltwright/wire';
import { type Failure, type FailureKind, failureCodes } from './failure.ts';
import type { Complaint } from './onion-error.ts';

const section = 'BOLT #4: Failure Messages';

/** Bytes that are no failure message at all. */
export interface FailureError extends Complaint {
  readonly kind: 'failure_too_short';
}

type KnownKind = Exclude<FailureKind, 'unknown_failure'>;
type Values = Readonly<Record<string, unknown>>;

// A channel_update stands with a length of its own; where the type 258 stands in front of it, it is taken off.
const channelUpdatePrefix = Uint8Array.of(258 >>> 8, 258 & 0xff);
/** Signature (64) to htlc_maximum_msat (8): the shortest `channel_update` without its type (BOLT 7). */
const leastChannelUpdate = 136;

const channelUpdate: FieldType<Uint8Array | undefined> = {
  minSize: 2,
  isFixed: false,
  read: (reader) => {
    const bytes = t.bytesU16.read(reader);
    if (bytes.length === 0) return undefined;
    const isPrefixed =
      bytes[0] === channelUpdatePrefix[0] &&
      bytes[1] === channelUpdatePrefix[1] &&
      // Without the type this may be the beginning of a signature.
      bytes.length >= leastChannelUpdate + 2;
    return copyBytes(isPrefixed ? bytes.subarray(2) : bytes);
  },
  size: (value) => t.bytesU16.size(written(value)),
  write: (writer, value) => t.bytesU16.write(writer, written(value)),
};

/**
 * Every implementation writes the type in front and reads both forms. Bytes that are too few for a `channel_update` stay
 * as they are: with a type in front they would not be read as the same again.
 */
function written(value: Uint8Array | undefined): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  return value.length < leastChannelUpdate ? value : concatBytes(channelUpdatePrefix, value);
}

const { msat, blockHeight: height, sha256: sha256OfOnion } = t;

/** The data of each failure: key order is wire order. */
const layouts: Record<KnownKind, FieldList> = {
  temporary_node_failure: {},
  permanent_node_failure: {},
  required_node_feature_missing: {},
  invalid_onion_version: { sha256OfOnion },
  invalid_onion_hmac: { sha256OfOnion },
  invalid_onion_key: { sha256OfOnion },
  temporary_channel_failure: { channelUpdate },
  permanent_channel_failure: {},
  required_channel_feature_missing: {},
  unknown_next_peer: {},
  amount_below_minimum: { htlcMsat: msat, channelUpdate },
  fee_insufficient: { htlcMsat: msat, channelUpdate },
  incorrect_cltv_expiry: { cltvExpiry: height, channelUpdate },
  expiry_too_soon: { channelUpdate },
  incorrect_or_unknown_payment_details: { htlcMsat: msat, height },
  final_incorrect_cltv_expiry: { cltvExpiry: height },
  final_incorrect_htlc_amount: { incomingHtlcAmt: msat },
  channel_disabled: { disabledFlags: t.u16, channelUpdate },
  expiry_too_far: {},
  invalid_onion_payload: { tlvType: t.bigSize, offset: t.u16 },
  mpp_timeout: {},
  invalid_onion_blinding: { sha256OfOnion },
};

interface FailureLayout {
  readonly kind: KnownKind;
  readonly names: readonly string[];
  readonly codec: MessageCodec<{ readonly type: string }>;
}

// BOLT #4: a failure has the form of a message: its code as the type, its data, then a TLV stream.
const codecs = new Map<number, FailureLayout>();
for (const [kind, layout] of Object.entries(layouts) as [KnownKind, (typeof layouts)[KnownKind]][]) {
  const code = failureCodes[kind];
  codecs.set(code, { kind, names: Object.keys(layout), codec: signedMessage(code, kind, layout, section) });
}

const tlvs = tlvStream('failure_tlvs', {}, { unknownEven: 'keep', spec: section });

/**
 * `failuremsg`: the code, the data, and the TLVs where there are any.
 *
 * @throws RangeError when a value does not fit its field.
 * @see BOLT #4, Failure Messages
 */
export function encodeFailure(failure: Failure): Uint8Array {
  const extension = failure.tlvs === undefined ? new Uint8Array(0) : tlvs.encode({ unknownTlvs: failure.tlvs });
  if (failure.kind === 'unknown_failure') {
    const { code } = failure;
    if (!(Number.isInteger(code) && code >= 0 && code <= 0xffff)) throw new RangeError(`${code} is no failure code`);
    return concatBytes(Uint8Array.of(code >>> 8, code & 0xff), failure.data, extension);
  }
  const { names, codec } = codecs.get(failureCodes[failure.kind])!;
  const values: Record<string, unknown> = { type: failure.kind, extension };
  for (const name of names) values[name] = (failure as unknown as Values)[name];
  return codec.encode(values as { type: string });
}

/**
 * Reads `failuremsg`. Extra bytes after the data are ignored where they are no TLV stream.
 *
 * @returns the failure with bytes of its own; `unknown_failure` for a code that is not in BOLT 4, or whose data is not
 *   what it should be; an error only where there is no code.
 * @see BOLT #4, Failure Messages; Receiving Failure Codes
 */
export function decodeFailure(message: Uint8Array): Result<Failure, FailureError> {
  if (message.length < 2) {
    const value = `${message.length} bytes`;
    return err({ kind: 'failure_too_short', section, field: 'failureCode', value, text: 'a failure has a code' });
  }
  const bytes = copyBytes(message);
  const code = (bytes[0]! << 8) | bytes[1]!;
  const unknown: Failure = { kind: 'unknown_failure', code, data: bytes.subarray(2) };
  const layout = codecs.get(code);
  if (layout === undefined) return ok(unknown);
  const decoded = layout.codec.decode(bytes);
  if (!decoded.ok) return ok(unknown);
  const values = decoded.value as Values;
  const failure: Record<string, unknown> = { kind: layout.kind };
  for (const name of layout.names) {
    const value = values[name];
    if (value !== undefined) failure[name] = value;
  }
  const { extension } = values;
  const trailing = extension instanceof Uint8Array ? trailingTlvs(extension) : undefined;
  return ok((trailing === undefined ? failure : { ...failure, tlvs: trailing }) as unknown as Failure);
}

function trailingTlvs(extension: Uint8Array): readonly TlvRecord[] | undefined {
  const decoded = tlvs.decode(extension);
  return decoded.ok ? decoded.value.unknownTlvs : undefined;
}
