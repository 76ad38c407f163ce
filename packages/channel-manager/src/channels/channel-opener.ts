import {
  type ChannelId,
  channelIdOf,
  err,
  type FeeratePerKw,
  type Msat,
  type NodeId,
  ok,
  type Result,
  type Sat,
  type ShortChannelId,
  shortChannelId,
  zeroMsat,
} from '@boltwright/base';
import { type AcceptParameters, acceptChannel, openChannel } from '@boltwright/channel';
import type { ChannelKeysId } from '@boltwright/interfaces';
import type { OpenChannel } from '@boltwright/wire';
import { type ApiError, apiError } from '../api-error.ts';
import type { Core } from '../core/core.ts';
import { errorMessage } from '../peers/error-message.ts';
import type { ChannelShell } from './channel-shell.ts';
import { fundedState, liveChannel } from './live-channel.ts';

/** What a user may say of a channel that he opens. */
export interface CreateChannelOptions {
  readonly pushMsat?: Msat;
  /** Of the first commitments; the estimator's where left out. */
  readonly feeratePerKw?: FeeratePerKw;
  readonly announce?: boolean;
}

/** Rule 9: a peer that opens channels and does not fund them. The second is for peers without a confirmed channel. */
export const maxUnfundedChannelsPerPeer = 4;
/** Openings by peers without a confirmed channel that may wait for their funding, all such peers together. */
export const maxUnfundedChannels = 50;

interface InboundRequest {
  readonly peer: NodeId;
  readonly message: OpenChannel;
  /** The user said yes; the signer has no first point yet. */
  accepted: boolean;
}

/** Opens and accepts channels. */
export class ChannelOpener {
  readonly #core: Core;
  readonly #shell: ChannelShell;
  readonly #localFeatures: (peer: NodeId) => Uint8Array;
  /** `open_channel`s that wait for the user, or for the signer. */
  readonly #requests = new Map<string, InboundRequest>();

  constructor(core: Core, shell: ChannelShell, localFeatures: (peer: NodeId) => Uint8Array) {
    this.#core = core;
    this.#shell = shell;
    this.#localFeatures = localFeatures;
  }

  create(peer: NodeId, value: Sat, options: CreateChannelOptions): Result<ChannelId, ApiError> {
    const connected = this.#core.peers.get(peer);
    if (connected === undefined) return err(apiError('notConnected', `connect to ${peer} first`));
    const { keys, config } = this.#core.parts;
    const temporaryChannelId = channelIdOf(keys.secureRandomBytes(32));
    const channelKeysId = keys.channelKeysId(false, keys.secureRandomBytes(32));
    const signer = keys.channelSigner(channelKeysId, value);
    const opened = openChannel(
      {
        ...this.#parameters(peer, channelKeysId, connected.features),
        temporaryChannelId,
        fundingSatoshis: value,
        pushMsat: options.pushMsat ?? zeroMsat,
        ...(options.feeratePerKw === undefined ? {} : { feeratePerKw: options.feeratePerKw }),
        ...(options.announce === undefined ? {} : { announce: options.announce }),
      },
      this.#shell.env({ signer, config: config.channel }),
    );
    if (!opened.ok) {
      const code = opened.error.code === 'signerPending' ? 'signerPending' : 'refused';
      return err(apiError(code, opened.error.message));
    }
    const channel = liveChannel(opened.value.state, peer, signer, config.channel, false);
    this.#core.registry.add(channel);
    this.#shell.install(channel, opened.value);
    return ok(temporaryChannelId);
  }

  /** A peer opens a channel to us. */
  requested(peer: NodeId, message: OpenChannel): void {
    const { temporaryChannelId } = message;
    const key = requestKey(peer, temporaryChannelId);
    if (this.#requests.has(key) || this.#core.registry.ofPeer(peer, temporaryChannelId) !== undefined) {
      this.#refuse(peer, temporaryChannelId, 'the temporary_channel_id is in use');
      return;
    }
    if (this.#isFull(peer)) {
      this.#refuse(peer, temporaryChannelId, 'too many channels without a confirmed funding');
      return;
    }
    const manual = this.#core.parts.config.manuallyAcceptInboundChannels;
    const request = { peer, message, accepted: !manual };
    this.#requests.set(key, request);
    if (!manual) {
      this.#accept(request);
      return;
    }
    this.#core.raise({
      kind: 'openChannelRequest',
      temporaryChannelId,
      counterparty: peer,
      fundingSatoshis: message.fundingSatoshis,
      pushMsat: message.pushMsat,
    });
  }

  accept(temporaryChannelId: ChannelId, peer: NodeId): Result<void, ApiError> {
    const request = this.#requests.get(requestKey(peer, temporaryChannelId));
    if (request === undefined) return err(apiError('unknownChannel', `${peer} asks for no such channel (any more)`));
    request.accepted = true;
    this.#accept(request);
    return ok(undefined);
  }

  reject(temporaryChannelId: ChannelId, peer: NodeId, reason: string): Result<void, ApiError> {
    if (!this.#requests.delete(requestKey(peer, temporaryChannelId))) {
      return err(apiError('unknownChannel', `${peer} asks for no such channel (any more)`));
    }
    this.#refuse(peer, temporaryChannelId, reason);
    return ok(undefined);
  }

  /** The signer can answer what it left pending. */
  signerUnblocked(): void {
    for (const request of [...this.#requests.values()]) if (request.accepted) this.#accept(request);
  }

  /** Requests go with the connection; so does what they asked the user. */
  disconnected(peer: NodeId): void {
    for (const [key, request] of this.#requests) if (request.peer === peer) this.#requests.delete(key);
    this.#core.events.dropVolatile((event) => event.kind === 'openChannelRequest' && event.counterparty === peer);
  }

  #accept(request: InboundRequest): void {
    const { peer, message } = request;
    const { keys, config } = this.#core.parts;
    const connected = this.#core.peers.get(peer);
    const key = requestKey(peer, message.temporaryChannelId);
    if (connected === undefined) {
      this.#requests.delete(key);
      return;
    }
    const channelKeysId = keys.channelKeysId(true, keys.secureRandomBytes(32));
    const signer = keys.channelSigner(channelKeysId, message.fundingSatoshis);
    const accepted = acceptChannel(
      message,
      this.#parameters(peer, channelKeysId, connected.features),
      this.#shell.env({ signer, config: config.channel }),
    );
    if (!accepted.ok) {
      if (accepted.error.kind === 'refused' && accepted.error.code === 'signerPending') return;
      this.#requests.delete(key);
      this.#refuse(peer, message.temporaryChannelId, accepted.error.message);
      return;
    }
    this.#requests.delete(key);
    const channel = liveChannel(accepted.value.state, peer, signer, config.channel, false);
    this.#core.registry.add(channel);
    this.#shell.install(channel, accepted.value);
  }

  #refuse(peer: NodeId, temporaryChannelId: ChannelId, reason: string): void {
    const connected = this.#core.peers.get(peer);
    if (connected !== undefined) {
      this.#core.peers.send(peer, connected.connection, errorMessage(temporaryChannelId, reason));
    }
  }

  #isFull(peer: NodeId): boolean {
    let inAll = this.#requests.size;
    let isKnown = false;
    let ofPeer = [...this.#requests.values()].filter((request) => request.peer === peer).length;
    for (const channel of this.#core.registry.all()) {
      const { state } = channel;
      if (!('parameters' in state) || state.kind === 'closed') continue;
      if (fundedState(state)?.confirmation !== undefined) {
        isKnown ||= channel.counterparty === peer;
        continue;
      }
      if (state.parameters.isOpener) continue;
      inAll++;
      if (channel.counterparty === peer) ofPeer++;
    }
    // Strangers, who come at no cost, take no room from those who have coins in a channel with us.
    return ofPeer >= maxUnfundedChannelsPerPeer || (!isKnown && inAll >= maxUnfundedChannels);
  }

  #parameters(peer: NodeId, channelKeysId: ChannelKeysId, remoteFeatures: Uint8Array): AcceptParameters {
    const { keys } = this.#core.parts;
    return {
      channelKeysId,
      counterparty: peer,
      localFeatures: this.#localFeatures(peer),
      remoteFeatures,
      scidAlias: this.#freshAlias(),
      shutdownScript: keys.shutdownScript(channelKeysId),
      destinationScript: keys.destinationScript(channelKeysId),
      birthHeight: this.#core.height,
    };
  }

  /** BOLT 2, `channel_ready`: a name that no channel of ours has, in blocks that will not be mined for centuries. */
  #freshAlias(): ShortChannelId {
    for (let tries = 0; tries < 100; tries++) {
      const random = this.#core.parts.keys.secureRandomBytes(8);
      const low = new DataView(random.buffer, random.byteOffset, 8).getBigUint64(0) & 0x0f_ffff_ffff_ffffffn;
      const alias = shortChannelId((0xf0n << 56n) | low);
      if (this.#core.registry.byOutboundScid(alias) === undefined) return alias;
    }
    throw new Error('the entropy source repeats itself');
  }
}

const requestKey = (peer: NodeId, id: ChannelId): string => `${peer}/${id}`;
