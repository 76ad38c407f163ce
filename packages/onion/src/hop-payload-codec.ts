import { copyBytes, err, ok, type Result } from '@boltwright/base';
import type { TlvRecord } from '@boltwright/wire';
import type { FinalPayload, ForwardPayload, HopPayload } from './hop-payload.ts';
import type { OnionError } from './onion-error.ts';
import {
  decodePayloadFields,
  firstCustomType,
  invalidPayload,
  type PayloadField,
  type PayloadFields,
  payloadStream,
  payloadType,
} from './payload-fields.ts';

/**
 * A payload's TLV stream, without its length prefix.
 *
 * @throws RangeError when a value does not fit its field, or a custom record's type is below 65536, doubled, or a
 *   field's.
 * @see BOLT #4, `payload` format
 */
export function encodeHopPayload(payload: HopPayload): Uint8Array {
  switch (payload.kind) {
    case 'forward': {
      const { amtToForward, outgoingCltvValue, shortChannelId } = payload;
      return payloadStream.encode({ amtToForward, outgoingCltvValue, shortChannelId, ...custom(payload) });
    }
    case 'final': {
      const { amtToForward, outgoingCltvValue, paymentData, paymentMetadata, keysendPreimage } = payload;
      const fields = { amtToForward, outgoingCltvValue, paymentData, paymentMetadata, keysendPreimage };
      return payloadStream.encode({ ...fields, ...custom(payload) });
    }
    case 'blindedForward': {
      const { encryptedRecipientData, currentPathKey } = payload;
      return payloadStream.encode({ encryptedRecipientData, currentPathKey });
    }
    case 'blindedFinal': {
      const { amtToForward, outgoingCltvValue, totalAmountMsat, encryptedRecipientData, currentPathKey } = payload;
      const amounts = { amtToForward, outgoingCltvValue, totalAmountMsat };
      return payloadStream.encode({ ...amounts, encryptedRecipientData, currentPathKey });
    }
  }
}

function custom({ customRecords }: ForwardPayload | FinalPayload): { readonly unknownTlvs?: readonly TlvRecord[] } {
  if (customRecords === undefined) return {};
  const unknownTlvs = [...customRecords].sort((a, b) => (a.type < b.type ? -1 : 1));
  const below = unknownTlvs.find(({ type }) => type < firstCustomType);
  if (below !== undefined) throw new RangeError(`custom record of type ${below.type}: they begin at 65536`);
  return { unknownTlvs };
}

/** What decides which form a payload must have. */
export interface HopPayloadContext {
  /** Whether the onion ends here: `peelOnion` answered `final`. */
  readonly isFinal: boolean;
  /** Whether `update_add_htlc` came with a `path_key`. */
  readonly hasPathKey: boolean;
  /** Whether a custom even type is understood; none is by default. */
  readonly understands?: (tlvType: bigint) => boolean;
}

/**
 * Reads a hop's payload and holds it against what the BOLT asks of the reader, but for what needs the HTLC or the
 * encrypted data: `receivePaymentOnion` does the rest.
 *
 * @param payload - As peeled, without length prefix.
 * @returns the payload, its bytes its own; else `invalid_onion_payload`.
 * @see BOLT #4, `payload` format
 */
export function decodeHopPayload(payload: Uint8Array, context: HopPayloadContext): Result<HopPayload, OnionError> {
  const fields = decodePayloadFields(payload, context.understands);
  return fields.ok ? classifyPayload(payload, fields.value, context) : fields;
}

const allowedInBlinded: readonly PayloadField[] = ['encryptedRecipientData', 'currentPathKey'];
const neededInBlindedFinal = ['amtToForward', 'outgoingCltvValue', 'totalAmountMsat'] as const;

/** The payload's form. @param payload - The bytes that `fields` were read from, for offsets. */
export function classifyPayload(
  payload: Uint8Array,
  fields: PayloadFields,
  { isFinal, hasPathKey }: HopPayloadContext,
): Result<HopPayload, OnionError> {
  const refuse = (field: PayloadField, text: string) => err(invalidPayload(payload, payloadType(field), field, text));
  const { amtToForward, outgoingCltvValue, shortChannelId, encryptedRecipientData, totalAmountMsat } = fields;
  const { currentPathKey } = fields;

  if (encryptedRecipientData !== undefined) {
    if (hasPathKey && currentPathKey !== undefined) return refuse('currentPathKey', 'the HTLC has a path key already');
    if (!hasPathKey && currentPathKey === undefined) return refuse('currentPathKey', 'there is no path key');
    const allowed = isFinal ? [...allowedInBlinded, ...neededInBlindedFinal] : allowedInBlinded;
    const extra = extraRecord(fields, allowed);
    if (extra !== undefined) {
      return err(invalidPayload(payload, extra.type, extra.name, 'not allowed within a blinded path'));
    }
    const blinded = {
      encryptedRecipientData: copyBytes(encryptedRecipientData),
      ...(currentPathKey === undefined ? {} : { currentPathKey: copyBytes(currentPathKey) }),
    };
    if (!isFinal) return ok({ kind: 'blindedForward', ...blinded });
    if (amtToForward === undefined) return refuse('amtToForward', 'it is missing');
    if (outgoingCltvValue === undefined) return refuse('outgoingCltvValue', 'it is missing');
    if (totalAmountMsat === undefined) return refuse('totalAmountMsat', 'it is missing');
    return ok({ kind: 'blindedFinal', amtToForward, outgoingCltvValue, totalAmountMsat, ...blinded });
  }

  if (hasPathKey) return refuse('encryptedRecipientData', 'the HTLC has a path key, its payload no encrypted data');
  if (currentPathKey !== undefined) return refuse('currentPathKey', 'a path key without encrypted data');
  if (amtToForward === undefined) return refuse('amtToForward', 'it is missing');
  if (outgoingCltvValue === undefined) return refuse('outgoingCltvValue', 'it is missing');
  const common = { amtToForward, outgoingCltvValue, ...customRecordsOf(fields) };
  if (!isFinal) {
    if (shortChannelId === undefined) return refuse('shortChannelId', 'it is missing');
    return ok({ kind: 'forward', shortChannelId, ...common });
  }
  const { paymentData, paymentMetadata, keysendPreimage } = fields;
  const secret = paymentData && copyBytes(paymentData.paymentSecret);
  return ok({
    kind: 'final',
    ...common,
    ...(paymentData && secret ? { paymentData: { paymentSecret: secret, totalMsat: paymentData.totalMsat } } : {}),
    ...(paymentMetadata ? { paymentMetadata: copyBytes(paymentMetadata) } : {}),
    ...(keysendPreimage ? { keysendPreimage: copyBytes(keysendPreimage) } : {}),
  });
}

function extraRecord(
  fields: PayloadFields,
  allowed: readonly PayloadField[],
): { readonly type: bigint; readonly name: string } | undefined {
  for (const name of Object.keys(fields)) {
    if (name === 'unknownTlvs') continue;
    const field = name as PayloadField;
    if (!allowed.includes(field)) return { type: payloadType(field), name };
  }
  const unknown = fields.unknownTlvs?.[0];
  return unknown === undefined ? undefined : { type: unknown.type, name: 'type' };
}

function customRecordsOf({ unknownTlvs }: PayloadFields): { readonly customRecords?: readonly TlvRecord[] } {
  const records = unknownTlvs?.filter(({ type }) => type >= firstCustomType) ?? [];
  if (records.length === 0) return {};
  return { customRecords: records.map(({ type, value }) => ({ type, value: copyBytes(value) })) };
}
