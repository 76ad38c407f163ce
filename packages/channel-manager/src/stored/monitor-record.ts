import type {
  ChannelKeysId,
  ChannelMonitorUpdate,
  ChannelPublicKeys,
  ChannelSide,
  ChannelTransactionParameters,
  CommitmentSpec,
  HolderCommitment,
  InitialMonitor,
  MonitorStep,
} from '@boltwright/interfaces';
import {
  bigintOf,
  blob,
  field,
  flag,
  hexId,
  list,
  numberOf,
  oneOf,
  optional,
  record,
  type Stored,
  text,
  variant,
} from './stored.ts';
import {
  storedChannelId,
  storedFeerate,
  storedHash,
  storedHeight,
  storedMsat,
  storedNodeId,
  storedOutPoint,
  storedSat,
  storedTxid,
} from './types.ts';

// What the watch has not taken yet is kept here and offered again after a restart (rule 7).

const publicKeys: Stored<ChannelPublicKeys> = record({
  fundingPubkey: field(0, blob),
  revocationBasepoint: field(2, blob),
  paymentBasepoint: field(4, blob),
  delayedPaymentBasepoint: field(6, blob),
  htlcBasepoint: field(8, blob),
});

const side: Stored<ChannelSide> = record({
  pubkeys: field(0, publicKeys),
  dustLimitSatoshis: field(2, storedSat),
  toSelfDelay: field(4, numberOf()),
});

const parameters: Stored<ChannelTransactionParameters> = record({
  commitmentFormat: field(0, oneOf('static_remotekey', 'anchors')),
  holderIsOpener: field(2, flag),
  holder: field(4, side),
  counterparty: field(6, side),
  fundingOutpoint: field(8, storedOutPoint),
  fundingSatoshis: field(10, storedSat),
});

const spec: Stored<CommitmentSpec> = record({
  index: field(0, bigintOf()),
  perCommitmentPoint: field(2, blob),
  feeratePerKw: field(4, storedFeerate),
  toBroadcasterMsat: field(6, storedMsat),
  toCountersignerMsat: field(8, storedMsat),
  htlcs: field(
    10,
    list(
      record({
        direction: field(0, oneOf('offered', 'received')),
        id: field(2, bigintOf()),
        amountMsat: field(4, storedMsat),
        cltvExpiry: field(6, storedHeight),
        paymentHash: field(8, storedHash),
      }),
    ),
  ),
});

const holderCommitment: Stored<HolderCommitment> = record({
  parameters: field(0, parameters),
  spec: field(2, spec),
  counterpartySignatures: field(4, record({ signature: field(0, blob), htlcSignatures: field(2, list(blob)) })),
});

const step: Stored<MonitorStep> = variant({
  holderCommitment: [0, record({ commitment: field(0, holderCommitment) })],
  counterpartyCommitment: [1, record({ commitment: field(0, spec) })],
  commitmentSecret: [2, record({ index: field(0, bigintOf()), secret: field(2, blob) })],
  paymentPreimage: [3, record({ paymentHash: field(0, storedHash), preimage: field(2, blob) })],
  forceClose: [4, record({ broadcast: field(0, flag), reason: field(2, text) })],
  shutdownScript: [5, record({ script: field(0, blob) })],
  closingTransaction: [6, record({ txid: field(0, storedTxid) })],
});

const update: Stored<ChannelMonitorUpdate> = record({
  channelId: field(0, storedChannelId),
  updateId: field(2, bigintOf()),
  steps: field(4, list(step)),
  dependsOn: optional(6, list(record({ channelId: field(0, storedChannelId), updateId: field(2, bigintOf()) }))),
});

const initial: Stored<InitialMonitor> = record({
  channelId: field(0, storedChannelId),
  counterparty: field(2, storedNodeId),
  channelKeysId: field(4, hexId<ChannelKeysId>(32)),
  parameters: field(6, parameters),
  fundingScript: field(8, blob),
  holderCommitment: field(10, holderCommitment),
  counterpartyCommitment: field(12, spec),
  destinationScript: field(14, blob),
  birthHeight: field(16, storedHeight),
});

/** What was offered to the watch and is not known to be durable there. */
export const storedUnacknowledged = variant({
  initial: [0, record({ initial: field(0, initial) })],
  update: [1, record({ update: field(0, update) })],
});
