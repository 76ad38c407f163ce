import { ok, type Result } from '@boltwright/base';
import type {
  ChannelMonitorUpdate,
  ChannelTransactionParameters,
  InitialMonitor,
  MonitorStep,
} from '@boltwright/interfaces';
import { t } from '@boltwright/wire';
import type { HeldCommitment } from '../state/monitor-state.ts';
import { parametersField, signaturesField, specField } from './commitment-fields.ts';
import { bool, hex32, listOf, nodeIdField, optional, record, scriptField, tagged, text } from './fields.ts';
import { type RecordError, versionedValue } from './versioned.ts';

export const heldField = record<HeldCommitment>({ spec: specField, counterpartySignatures: signaturesField });

type StoredStep =
  | Exclude<MonitorStep, { readonly kind: 'holderCommitment' }>
  | { readonly kind: 'holderCommitment'; readonly commitment: HeldCommitment };
type Fields<K extends StoredStep['kind']> = Omit<Extract<StoredStep, { kind: K }>, 'kind'>;

const step = tagged<StoredStep>({
  holderCommitment: record<Fields<'holderCommitment'>>({ commitment: heldField }),
  counterpartyCommitment: record<Fields<'counterpartyCommitment'>>({ commitment: specField }),
  commitmentSecret: record<Fields<'commitmentSecret'>>({ index: t.u64, secret: t.bytes(32) }),
  paymentPreimage: record<Fields<'paymentPreimage'>>({ paymentHash: t.paymentHash, preimage: t.bytes(32) }),
  forceClose: record<Fields<'forceClose'>>({ broadcast: bool, reason: text }),
  shutdownScript: record<Fields<'shutdownScript'>>({ script: scriptField }),
  closingTransaction: record<Fields<'closingTransaction'>>({ txid: t.txid }),
});

type StoredUpdate = Omit<ChannelMonitorUpdate, 'steps'> & { readonly steps: readonly StoredStep[] };

const updateCodec = versionedValue(
  'monitor_update',
  record<StoredUpdate>({
    channelId: t.channelId,
    updateId: t.u64,
    steps: listOf(step),
    dependsOn: optional(listOf(record({ channelId: t.channelId, updateId: t.u64 }))),
  }),
);

const storedStep = (step: MonitorStep): StoredStep =>
  step.kind !== 'holderCommitment'
    ? step
    : {
        kind: 'holderCommitment',
        commitment: {
          spec: step.commitment.spec,
          counterpartySignatures: step.commitment.counterpartySignatures,
        },
      };

/** An update as it is stored. The channel's parameters are the monitor's and left out. @throws RangeError for a value outside of its field. */
export const encodeUpdate = (update: ChannelMonitorUpdate): Uint8Array =>
  updateCodec.encode({ ...update, steps: update.steps.map(storedStep) });

/** @param parameters - of the update's channel. */
export function decodeUpdate(
  bytes: Uint8Array,
  parameters: ChannelTransactionParameters,
): Result<ChannelMonitorUpdate, RecordError> {
  const decoded = updateCodec.decode(bytes);
  if (!decoded.ok) return decoded;
  const steps = decoded.value.steps.map(
    (step): MonitorStep =>
      step.kind === 'holderCommitment' ? { kind: step.kind, commitment: { parameters, ...step.commitment } } : step,
  );
  return ok({ ...decoded.value, steps });
}

type StoredInitial = Omit<InitialMonitor, 'holderCommitment'> & { readonly holderCommitment: HeldCommitment };

const initialCodec = versionedValue(
  'initial_monitor',
  record<StoredInitial>({
    channelId: t.channelId,
    counterparty: nodeIdField,
    channelKeysId: hex32(),
    parameters: parametersField,
    fundingScript: scriptField,
    holderCommitment: heldField,
    counterpartyCommitment: specField,
    destinationScript: scriptField,
    birthHeight: t.blockHeight,
  }),
);

/** What tells one initial monitor from another. @throws RangeError for a value outside of its field. */
export const encodeInitial = (initial: InitialMonitor): Uint8Array => initialCodec.encode(initial);
