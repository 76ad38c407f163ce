import type { ChannelPublicKeys } from '@boltwright/interfaces';
import { type FieldType, t } from '@boltwright/wire';
import type { ChannelParameters, ChannelType, ProposedParameters, SideParameters } from '../channel-parameters.ts';
import { bool, hex32, nodeIdField, oneOf, optional, record, scriptField } from './fields.ts';

const side: FieldType<SideParameters> = record<SideParameters>({
  pubkeys: record<ChannelPublicKeys>({
    fundingPubkey: t.point,
    revocationBasepoint: t.point,
    paymentBasepoint: t.point,
    delayedPaymentBasepoint: t.point,
    htlcBasepoint: t.point,
  }),
  dustLimitSatoshis: t.sat,
  maxHtlcValueInFlightMsat: t.msat,
  channelReserveSatoshis: t.sat,
  htlcMinimumMsat: t.msat,
  toSelfDelay: t.u16,
  maxAcceptedHtlcs: t.u16,
  upfrontShutdownScript: optional(scriptField),
});

const proposedFields = {
  temporaryChannelId: t.channelId,
  channelKeysId: hex32<ProposedParameters['channelKeysId']>(),
  counterparty: nodeIdField,
  isOpener: bool,
  fundingSatoshis: t.sat,
  pushMsat: t.msat,
  feeratePerKw: t.feeratePerKw,
  announce: bool,
  channelType: record<ChannelType>({
    commitmentFormat: oneOf(['static_remotekey', 'anchors']),
    scidAlias: bool,
  }),
  local: side,
  anySegwitShutdown: bool,
  localAlias: t.shortChannelId,
  shutdownScript: scriptField,
  destinationScript: scriptField,
  birthHeight: t.blockHeight,
  minimumDepth: t.u32,
} as const;

export const proposedParametersField: FieldType<ProposedParameters> = record<ProposedParameters>(proposedFields);
export const channelParametersField: FieldType<ChannelParameters> = record<ChannelParameters>({
  ...proposedFields,
  remote: side,
});
