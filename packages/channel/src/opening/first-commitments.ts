import { type Msat, type OutPoint, subtractMsat, toMsat } from '@boltwright/base';
import type {
  ChannelSide,
  ChannelTransactionParameters,
  HolderCommitment,
  InitialMonitor,
} from '@boltwright/interfaces';
import { emptySecretStore, fundingScript } from '@boltwright/transactions';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelParameters, SideParameters } from '../channel-parameters.ts';
import type { FundedChannel, FundedState, WaitForFundingCreated, WaitForFundingTransaction } from '../channel-state.ts';
import { commitmentSpec } from '../commitments/commitment-spec.ts';
import type { Commitments } from '../commitments/commitments.ts';
import { channelIdOfOutpoint } from './channel-id.ts';

const sideOf = ({ pubkeys, dustLimitSatoshis, toSelfDelay }: SideParameters): ChannelSide => ({
  pubkeys,
  dustLimitSatoshis,
  toSelfDelay,
});

/** All that is fixed about the channel's transactions. */
export const transactionParameters = (
  parameters: ChannelParameters,
  fundingOutpoint: OutPoint,
): ChannelTransactionParameters => ({
  commitmentFormat: parameters.channelType.commitmentFormat,
  holderIsOpener: parameters.isOpener,
  holder: sideOf(parameters.local),
  counterparty: sideOf(parameters.remote),
  fundingOutpoint,
  fundingSatoshis: parameters.fundingSatoshis,
});

/** The channel with both commitments number 0, not signed yet. */
export function fundedBy(state: WaitForFundingTransaction | WaitForFundingCreated, outpoint: OutPoint): FundedChannel {
  const { parameters } = state;
  const openers: Msat = subtractMsat(toMsat(parameters.fundingSatoshis), parameters.pushMsat);
  const commitments: Commitments = {
    localMsat: parameters.isOpener ? openers : parameters.pushMsat,
    remoteMsat: parameters.isOpener ? parameters.pushMsat : openers,
    feeratePerKw: parameters.feeratePerKw,
    feeUpdates: [],
    htlcs: [],
    nextLocalHtlcId: 0n,
    nextRemoteHtlcId: 0n,
    localIndex: 0n,
    localPoint: state.localPoint,
    remoteIndex: 0n,
    remotePoint: state.remotePoint,
    remoteSecrets: emptySecretStore,
  };
  return {
    channelId: channelIdOfOutpoint(outpoint),
    parameters,
    transactions: transactionParameters(parameters, outpoint),
    commitments,
    latestUpdateId: 0n,
    connection: 'connected',
    localReady: false,
    remoteReady: false,
  };
}

/** Their latest commitment that we signed. */
export const remoteSpec = ({ commitments, parameters }: FundedChannel) =>
  commitmentSpec(
    commitments,
    parameters.isOpener,
    'remote',
    'remote',
    commitments.remoteIndex,
    commitments.remotePoint,
  );

/** Our latest commitment. */
export const localSpec = ({ commitments, parameters }: FundedChannel) =>
  commitmentSpec(commitments, parameters.isOpener, 'local', 'local', commitments.localIndex, commitments.localPoint);

export const channelFundingScript = (channel: FundedChannel | FundedState, env: ChannelEnv) =>
  fundingScript(
    env.crypto,
    channel.parameters.local.pubkeys.fundingPubkey,
    channel.parameters.remote.pubkeys.fundingPubkey,
  );

/** What the monitor starts with: both commitments number 0, ours with their signature. */
export const initialMonitor = (
  channel: FundedChannel,
  holderCommitment: HolderCommitment,
  env: ChannelEnv,
): InitialMonitor => ({
  channelId: channel.channelId,
  counterparty: channel.parameters.counterparty,
  channelKeysId: channel.parameters.channelKeysId,
  parameters: channel.transactions,
  fundingScript: channelFundingScript(channel, env),
  holderCommitment,
  counterpartyCommitment: remoteSpec(channel),
  destinationScript: channel.parameters.destinationScript,
  birthHeight: channel.parameters.birthHeight,
});
