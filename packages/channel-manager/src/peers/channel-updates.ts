import { copyBytes, type Msat, type NodeId, nodeIdBytes, toMsat } from '@boltwright/base';
import type { RouteHintHop } from '@boltwright/interfaces';
import { type ChannelUpdate, channelUpdate } from '@boltwright/wire';
import { fundedState, type LiveChannel } from '../channels/live-channel.ts';
import type { Core } from '../core/core.ts';
import { type PeerPolicy, peerPolicyCodec, peerPolicyKey } from '../records.ts';

/** What stands behind the signature: type (2) and signature (64) come before it (BOLT 7). */
const unsignedPart = (update: ChannelUpdate): Uint8Array => channelUpdate.encode(update).subarray(66);

const mustBeOne = 1;
const dontForward = 2;

/**
 * What two peers tell each other of how they forward through their channel (BOLT 7, The `channel_update` Message): ours
 * lets a payee name us in a hint, theirs goes into the hints of our invoices.
 */
export class ChannelUpdates {
  readonly #core: Core;
  readonly #policies = new Map<LiveChannel['state']['channelId'], PeerPolicy>();
  /** Told on this connection. */
  readonly #told = new Map<LiveChannel, number>();

  constructor(core: Core) {
    this.#core = core;
  }

  restore(policy: PeerPolicy): void {
    this.#policies.set(policy.channelId, policy);
  }

  forget(channel: LiveChannel): void {
    this.#told.delete(channel);
    if (this.#policies.delete(channel.state.channelId)) {
      this.#core.parts.turns.delete(peerPolicyKey(channel.state.channelId));
    }
  }

  /** Sends ours, once a connection, as soon as the channel is ready both ways. */
  tell(channel: LiveChannel): void {
    const peer = this.#core.peers.get(channel.counterparty);
    const state = fundedState(channel.state);
    if (peer === undefined || state?.kind !== 'normal' || state.connection !== 'connected') return;
    if (this.#told.get(channel) === peer.connection) return;
    const update = this.#own(channel);
    if (update === undefined) return;
    this.#told.set(channel, peer.connection);
    this.#core.say(channel, { kind: 'send', connection: peer.connection, message: update }, []);
  }

  /** Takes theirs, if it is theirs: signed by them, about their direction of a channel with us, and newer. */
  received(peer: NodeId, update: ChannelUpdate): boolean {
    const { crypto, keys, chainHash } = this.#core.parts;
    const channel = this.#core.registry.byOutboundScid(update.shortChannelId);
    if (channel === undefined || channel.counterparty !== peer || update.chainHash !== chainHash) return false;
    const direction = peer < keys.nodeId() ? 0 : 1;
    if ((update.channelFlags & 1) !== direction) return false;
    const { channelId } = channel.state;
    const known = this.#policies.get(channelId);
    if (known !== undefined && known.timestamp >= update.timestamp) return false;
    const hash = crypto.hash256(unsignedPart(update));
    if (!crypto.verify(update.signature, hash, nodeIdBytes(peer))) return false;
    const { feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, htlcMinimumMsat, htlcMaximumMsat, timestamp } =
      update;
    const policy: PeerPolicy = {
      channelId,
      feeBaseMsat,
      feeProportionalMillionths,
      cltvExpiryDelta,
      htlcMinimumMsat,
      htlcMaximumMsat,
      timestamp,
    };
    this.#policies.set(channelId, policy);
    this.#core.parts.turns.put(peerPolicyKey(channelId), peerPolicyCodec.encode(policy));
    return true;
  }

  policy(channel: LiveChannel): PeerPolicy | undefined {
    return this.#policies.get(channel.state.channelId);
  }

  /** How a payer reaches us over this channel, where only its two ends know it (BOLT 11, field `r`). */
  hint(channel: LiveChannel): RouteHintHop | undefined {
    const state = fundedState(channel.state);
    const policy = this.policy(channel);
    if (state?.kind !== 'normal' || policy === undefined || state.parameters.announce) return undefined;
    const shortChannelId = state.remoteAlias ?? state.confirmation?.shortChannelId;
    if (shortChannelId === undefined) return undefined;
    const { feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta } = policy;
    return {
      sourceNodeId: channel.counterparty,
      shortChannelId,
      feeBaseMsat,
      feeProportionalMillionths,
      cltvExpiryDelta,
    };
  }

  /** Undefined while the node's key cannot be asked. */
  #own(channel: LiveChannel): ChannelUpdate | undefined {
    const { keys, chainHash } = this.#core.parts;
    const state = fundedState(channel.state);
    // BOLT 7: the real name, or one that the peer gave the channel.
    const shortChannelId = state?.remoteAlias ?? state?.confirmation?.shortChannelId;
    if (state === undefined || shortChannelId === undefined) return undefined;
    const { parameters, transactions } = state;
    const { remote } = parameters;
    const capacity: Msat = toMsat(transactions.fundingSatoshis);
    const unsigned: ChannelUpdate = {
      type: 'channel_update',
      signature: new Uint8Array(64),
      chainHash,
      shortChannelId,
      timestamp: this.#core.now,
      messageFlags: parameters.announce ? mustBeOne : mustBeOne | dontForward,
      channelFlags: keys.nodeId() < channel.counterparty ? 0 : 1,
      cltvExpiryDelta: channel.config.cltvExpiryDelta,
      htlcMinimumMsat: remote.htlcMinimumMsat,
      feeBaseMsat: channel.config.forwardingFeeBaseMsat,
      feeProportionalMillionths: channel.config.forwardingFeeProportionalMillionths,
      htlcMaximumMsat: remote.maxHtlcValueInFlightMsat < capacity ? remote.maxHtlcValueInFlightMsat : capacity,
    };
    const signature = keys.signGossip(unsignedPart(unsigned));
    return signature.kind === 'pending' ? undefined : { ...unsigned, signature: copyBytes(signature.value) };
  }
}
