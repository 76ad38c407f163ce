import { ok, type Result } from '@boltwright/base';
import type { SecretStore } from '@boltwright/transactions';
import { t, tlv, tlvStream } from '@boltwright/wire';
import type { Bid, CloseDecision, ConfirmedTransaction, MonitorState } from '../state/monitor-state.ts';
import type { RevokedCommitment } from '../state/revoked-htlcs.ts';
import { parametersField, specField } from './commitment-fields.ts';
import { bool, hex32, listOf, longBytes, nodeIdField, outpointField, record, scriptField, text } from './fields.ts';
import { heldField } from './update-codec.ts';
import { type RecordError, recordError, versioned, versionedValue } from './versioned.ts';

const codec = versioned(
  tlvStream('monitor', {
    channelId: tlv(0n, t.channelId),
    counterparty: tlv(2n, nodeIdField),
    channelKeysId: tlv(4n, hex32<MonitorState['channelKeysId']>()),
    parameters: tlv(6n, parametersField),
    fundingScript: tlv(8n, scriptField),
    destinationScript: tlv(10n, scriptField),
    birthHeight: tlv(12n, t.blockHeight),
    initialDigest: tlv(14n, t.bytes(16)),
    lastUpdateId: tlv(16n, t.u64),
    digests: tlv(18n, listOf(t.bytes(16))),
    holder: tlv(20n, heldField),
    theirs: tlv(22n, listOf(specField)),
    secrets: tlv(24n, record<SecretStore>({ count: t.u64, buckets: t.arrayU8(t.bytes(32)) })),
    preimages: tlv(26n, listOf(t.bytes(32))),
    shutdownScript: tlv(28n, scriptField),
    closingTxids: tlv(30n, listOf(t.txid)),
    decision: tlv(32n, record<CloseDecision>({ broadcast: bool, reason: text })),
    confirmed: tlv(
      34n,
      listOf(record<ConfirmedTransaction>({ txid: t.txid, bytes: longBytes, height: t.blockHeight })),
    ),
    bids: tlv(
      36n,
      listOf(record<Bid>({ outpoints: listOf(outpointField), feeratePerKw: t.feeratePerKw, height: t.blockHeight })),
    ),
    told: tlv(38n, listOf(text)),
    resolved: tlv(40n, bool),
  }),
);

/** A whole monitor, but for the HTLCs of revoked commitments: about 3 kB without HTLCs in flight. */
export const encodeMonitor = (state: MonitorState): Uint8Array => codec.encode(state);

/** Never throws. */
export function decodeMonitor(bytes: Uint8Array): Result<MonitorState, RecordError> {
  const decoded = codec.decode(bytes);
  if (!decoded.ok) return decoded;
  const { shutdownScript, decision, unknownTlvs: _, ...rest } = decoded.value;
  const present = Object.values(rest).every((value) => value !== undefined) && Object.keys(rest).length === fieldCount;
  if (!present) return recordError('monitor: a record is missing');
  return ok({
    ...(rest as Omit<MonitorState, 'shutdownScript' | 'decision'>),
    ...(shutdownScript !== undefined && { shutdownScript }),
    ...(decision !== undefined && { decision }),
  });
}

/** The fields of a state that are always there. */
const fieldCount = 19;

const revokedCodec = versionedValue('revoked', listOf(record<RevokedCommitment>({ index: t.u64, htlcs: longBytes })));

/** Revoked commitments in a row: they are written once and never again. */
export const encodeRevoked = (revoked: readonly RevokedCommitment[]): Uint8Array => revokedCodec.encode(revoked);
/** Never throws. */
export const decodeRevoked = (bytes: Uint8Array): Result<readonly RevokedCommitment[], RecordError> =>
  revokedCodec.decode(bytes);
