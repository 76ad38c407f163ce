import { err, ok, type Result } from '@boltwright/base';
import {
  encodeBigSize,
  onionPayloadTlvs,
  readBigSize,
  type TlvStreamOf,
  tlvStream,
  type WireError,
} from '@boltwright/wire';
import { type OnionError, onionError } from './onion-error.ts';

const section = 'BOLT #4: `payload` format';

/** From here on a record is an application's, not the protocol's. */
export const firstCustomType = 65536n;

/** Unknown even types are kept, because a user may understand a custom one: `decodePayloadFields` refuses the rest. */
export const payloadStream = tlvStream('payload', onionPayloadTlvs, { unknownEven: 'keep', spec: section });

/** A payload's records, not yet held against what its hop must find there. */
export type PayloadFields = TlvStreamOf<typeof payloadStream>;

export type PayloadField = keyof typeof onionPayloadTlvs;

/** The TLV type of a field. */
export const payloadType = (field: PayloadField): bigint => onionPayloadTlvs[field].type;

/** An `invalid_onion_payload` that names a record, and where it stands if it is there. */
export function invalidPayload(payload: Uint8Array, tlvType: bigint, field: string, text: string): OnionError {
  // The offset counts from the start of the decrypted stream: the length prefix comes first.
  const prefix = encodeBigSize(BigInt(payload.length)).length;
  const offset = Math.min(recordOffset(payload, tlvType, prefix) ?? 0, 0xffff);
  const failure = { kind: 'invalid_onion_payload', tlvType, offset } as const;
  return onionError(failure, { section, field, value: `type ${tlvType} at byte ${offset}`, text });
}

/**
 * The records of a payload.
 *
 * @param understands - Whether a custom even type is understood; none is by default.
 * @returns byte fields as views of `payload`; else `invalid_onion_payload` with the offending type and its offset.
 */
export function decodePayloadFields(
  payload: Uint8Array,
  understands: (tlvType: bigint) => boolean = () => false,
): Result<PayloadFields, OnionError> {
  const decoded = payloadStream.decode(payload);
  if (!decoded.ok) {
    const { error } = decoded;
    return err(invalidPayload(payload, typeOf(error), error.field, error.message));
  }
  for (const { type } of decoded.value.unknownTlvs ?? []) {
    // BOLT #1: it is not OK to be even.
    if (type % 2n === 0n && !(type >= firstCustomType && understands(type))) {
      return err(invalidPayload(payload, type, 'type', 'an even type that is not understood'));
    }
  }
  return ok(decoded.value);
}

function typeOf(error: WireError): bigint {
  if ('tlvType' in error) return error.tlvType;
  const name = error.field.split('.')[0]!;
  return name in onionPayloadTlvs ? payloadType(name as PayloadField) : 0n;
}

/** Whether a record is there, as far as the stream can be read. */
export const hasRecord = (payload: Uint8Array, field: PayloadField): boolean =>
  recordOffset(payload, payloadType(field), 0) !== undefined;

/** Where the record of a type begins, as far as the stream can be read. */
function recordOffset(payload: Uint8Array, tlvType: bigint, prefix: number): number | undefined {
  let at = 0;
  while (at < payload.length) {
    const type = readBigSize(payload, at);
    if (!type.ok) return undefined;
    if (type.value.value === tlvType) return prefix + at;
    const length = readBigSize(payload, at + type.value.length);
    if (!length.ok || length.value.value > BigInt(payload.length)) return undefined;
    at += type.value.length + length.value.length + Number(length.value.value);
  }
  return undefined;
}
