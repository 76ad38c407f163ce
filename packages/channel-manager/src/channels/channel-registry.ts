import type { ChannelId, NodeId, ShortChannelId, Txid } from '@boltwright/base';
import { fundedState, type LiveChannel } from './live-channel.ts';

/**
 * All channels, by id. Those without a funding are kept by peer and temporary id: a peer picks that id, and another
 * peer may pick the same.
 */
export class ChannelRegistry {
  readonly #funded = new Map<ChannelId, LiveChannel>();
  readonly #unfunded = new Map<string, LiveChannel>();
  readonly #byPeer = new Map<NodeId, Set<LiveChannel>>();

  add(channel: LiveChannel): void {
    this.#index(channel);
    const ofPeer = this.#byPeer.get(channel.counterparty) ?? new Set();
    ofPeer.add(channel);
    this.#byPeer.set(channel.counterparty, ofPeer);
  }

  /** To be called when the channel's own id took the place of the temporary one. */
  renamed(channel: LiveChannel, temporaryChannelId: ChannelId): void {
    this.#unfunded.delete(unfundedKey(channel.counterparty, temporaryChannelId));
    this.#index(channel);
  }

  remove(channel: LiveChannel): void {
    const { channelId } = channel.state;
    if (this.#funded.get(channelId) === channel) this.#funded.delete(channelId);
    const key = unfundedKey(channel.counterparty, channelId);
    if (this.#unfunded.get(key) === channel) this.#unfunded.delete(key);
    const temporary = unfundedKey(channel.counterparty, channel.temporaryChannelId);
    if (this.#unfunded.get(temporary) === channel) this.#unfunded.delete(temporary);
    const ofPeer = this.#byPeer.get(channel.counterparty);
    ofPeer?.delete(channel);
    if (ofPeer?.size === 0) this.#byPeer.delete(channel.counterparty);
  }

  funded(id: ChannelId): LiveChannel | undefined {
    return this.#funded.get(id);
  }

  /** The channel that a peer means by an id, if it is his. */
  ofPeer(peer: NodeId, id: ChannelId): LiveChannel | undefined {
    const channel = this.#funded.get(id);
    if (channel !== undefined) return channel.counterparty === peer ? channel : undefined;
    return this.#unfunded.get(unfundedKey(peer, id));
  }

  /** By temporary or final id, for the user. */
  find(id: ChannelId): LiveChannel | undefined {
    const channel = this.#funded.get(id);
    if (channel !== undefined) return channel;
    for (const unfunded of this.#unfunded.values()) if (unfunded.temporaryChannelId === id) return unfunded;
    return undefined;
  }

  withPeer(peer: NodeId): readonly LiveChannel[] {
    return [...(this.#byPeer.get(peer) ?? [])];
  }

  all(): readonly LiveChannel[] {
    return [...this.#funded.values(), ...this.#unfunded.values()];
  }

  unfunded(): readonly LiveChannel[] {
    return [...this.#unfunded.values()];
  }

  /** The channels whose funding is an output of this transaction. */
  fundedBy(txid: Txid): readonly LiveChannel[] {
    return [...this.#funded.values()].filter(
      ({ state }) => fundedState(state)?.transactions.fundingOutpoint.txid === txid,
    );
  }

  /** The channel that a payer means by a name in an onion: the real one, or the alias that we gave it. */
  byForwardingScid(scid: ShortChannelId): LiveChannel | undefined {
    for (const channel of this.#funded.values()) {
      const state = fundedState(channel.state);
      if (state === undefined) continue;
      if (state.parameters.localAlias === scid) return channel;
      // BOLT 2, The `channel_ready` Message: with `option_scid_alias` the real one is not to be used.
      if (state.confirmation?.shortChannelId === scid && !state.parameters.channelType.scidAlias) return channel;
    }
    return undefined;
  }

  /** The channel that a first hop of ours names: any of its names. */
  byOutboundScid(scid: ShortChannelId): LiveChannel | undefined {
    for (const channel of this.#funded.values()) {
      const state = fundedState(channel.state);
      if (state === undefined) continue;
      const { confirmation, remoteAlias, parameters } = state;
      if (confirmation?.shortChannelId === scid || remoteAlias === scid || parameters.localAlias === scid) {
        return channel;
      }
    }
    return undefined;
  }

  #index(channel: LiveChannel): void {
    const { state } = channel;
    if (fundedState(state) === undefined) {
      this.#unfunded.set(unfundedKey(channel.counterparty, state.channelId), channel);
    } else {
      this.#funded.set(state.channelId, channel);
    }
  }
}

const unfundedKey = (peer: NodeId, id: ChannelId): string => `${peer}/${id}`;
