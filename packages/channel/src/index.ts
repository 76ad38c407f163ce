export type * from './channel-command.ts';
export * from './channel-details.ts';
export type * from './channel-effect.ts';
export type * from './channel-env.ts';
export type * from './channel-error.ts';
export type * from './channel-input.ts';
export type * from './channel-parameters.ts';
export type * from './channel-state.ts';
export {
  channelStateVersion,
  decodeChannelState,
  encodeChannelState,
  type StateDecodeError,
} from './codec/channel-state-codec.ts';
export type * from './commitments/channel-htlc.ts';
export type * from './commitments/commitments.ts';
export type * from './commitments/update-stage.ts';
export { isFunded } from './funded-channel.ts';
export type * from './htlc-source.ts';
export { canAddHtlc } from './normal/add-htlc.ts';
export { canCommit, hasPendingCommit } from './normal/commit.ts';
export { acceptChannel } from './opening/accept-channel.ts';
export { channelIdOfOutpoint } from './opening/channel-id.ts';
export { localSpec, remoteSpec } from './opening/first-commitments.ts';
export { openChannel } from './opening/open-channel.ts';
export type * from './opening/open-parameters.ts';
export type * from './step.ts';
export { transition } from './transition.ts';
