import type {
  ChannelPublicKeys,
  ChannelSide,
  ChannelTransactionParameters,
  CommitmentHtlc,
  CommitmentSignatures,
  CommitmentSpec,
} from '@boltwright/interfaces';
import { type FieldType, t } from '@boltwright/wire';
import { bool, listOf, oneOf, outpointField, record } from './fields.ts';

const publicKeys = record<ChannelPublicKeys>({
  fundingPubkey: t.point,
  revocationBasepoint: t.point,
  paymentBasepoint: t.point,
  delayedPaymentBasepoint: t.point,
  htlcBasepoint: t.point,
});

const side = record<ChannelSide>({ pubkeys: publicKeys, dustLimitSatoshis: t.sat, toSelfDelay: t.u16 });

/** About 400 bytes. */
export const parametersField: FieldType<ChannelTransactionParameters> = record<ChannelTransactionParameters>({
  commitmentFormat: oneOf<ChannelTransactionParameters['commitmentFormat']>(['static_remotekey', 'anchors']),
  holderIsOpener: bool,
  holder: side,
  counterparty: side,
  fundingOutpoint: outpointField,
  fundingSatoshis: t.sat,
});

/** 65 bytes, and 53 for each HTLC. */
export const specField: FieldType<CommitmentSpec> = record<CommitmentSpec>({
  index: t.u64,
  perCommitmentPoint: t.point,
  feeratePerKw: t.feeratePerKw,
  toBroadcasterMsat: t.msat,
  toCountersignerMsat: t.msat,
  htlcs: listOf(
    record<CommitmentHtlc>({
      direction: oneOf<CommitmentHtlc['direction']>(['offered', 'received']),
      id: t.u64,
      amountMsat: t.msat,
      cltvExpiry: t.blockHeight,
      paymentHash: t.paymentHash,
    }),
  ),
});

export const signaturesField: FieldType<CommitmentSignatures> = record<CommitmentSignatures>({
  signature: t.signature,
  htlcSignatures: listOf(t.signature),
});
