import { assertNever, type ChannelId, type NodeId } from '@boltwright/base';
import type { ChannelMessage, ConnectionId } from '@boltwright/interfaces';
import { decodeMessage, encodeMessage } from '@boltwright/wire';
import type { ChannelOpener } from '../channels/channel-opener.ts';
import type { ChannelShell, StepProblem } from '../channels/channel-shell.ts';
import type { LiveChannel } from '../channels/live-channel.ts';
import type { Core } from '../core/core.ts';
import { errorMessage, warningMessage } from './error-message.ts';

/** BOLT 1: an `error` or `warning` about all channels, or about none. */
const allChannels = '00'.repeat(32);

/** BOLT 2: before our `channel_reestablish` a peer has no more to say than its own, and perhaps an `error`. */
const mostUnheard = 16;

/** Brings a peer's message to the channel that it is about, and answers what is wrong as the BOLT says (rule 9). */
export class MessageDispatch {
  readonly #core: Core;
  readonly #shell: ChannelShell;
  readonly #opener: ChannelOpener;
  readonly #usable: (channel: LiveChannel) => void;

  /** @param usable - called when a channel may have become usable. */
  constructor(core: Core, shell: ChannelShell, opener: ChannelOpener, usable: (channel: LiveChannel) => void) {
    this.#core = core;
    this.#shell = shell;
    this.#opener = opener;
    this.#usable = usable;
  }

  dispatch(peer: NodeId, connection: ConnectionId, message: ChannelMessage): void {
    if (!this.#core.peers.isCurrent(peer, connection)) return;
    if (message.type === 'open_channel') {
      this.#opener.requested(peer, message);
      return;
    }
    const id: ChannelId = 'channelId' in message ? message.channelId : message.temporaryChannelId;
    if (message.type === 'warning') {
      this.#core.parts.logger.log('warn', 'warning from peer', { peer, channelId: id, text: printable(message.data) });
      return;
    }
    if (message.type === 'error') {
      this.#core.parts.logger.log('warn', 'error from peer', { peer, channelId: id, text: printable(message.data) });
      // BOLT 1, `error`: it fails the channel that it names, or all of that peer's.
      const named = this.#core.registry.ofPeer(peer, id);
      const failed = id === allChannels ? this.#core.registry.withPeer(peer) : named === undefined ? [] : [named];
      for (const channel of failed) this.#give(channel, { ...message, channelId: channel.state.channelId });
      return;
    }
    const channel = this.#core.registry.ofPeer(peer, id);
    if (channel === undefined) {
      // BOLT 2, Message Retransmission, and BOLT 1: the peer has a channel that we have not (any more).
      this.#core.peers.send(peer, connection, errorMessage(id, 'unknown channel'));
      return;
    }
    this.#take(channel, message);
  }

  /** The watch has said where it stands: what the peer said meanwhile is heard. */
  hear(channel: LiveChannel): void {
    const { unheard } = channel;
    channel.unheard = [];
    for (const message of unheard) this.#take(channel, message);
  }

  #take(channel: LiveChannel, message: ChannelMessage): void {
    this.#give(channel, message);
    if (message.type === 'channel_ready' || message.type === 'channel_reestablish') this.#usable(channel);
  }

  /** Does what a refused message leads to. */
  react(channel: LiveChannel, problem: StepProblem): void {
    const { channelId } = channel.state;
    if (problem.kind !== 'channelError') {
      this.#core.parts.logger.log('debug', 'input not taken', { channelId, message: problem.message });
      return;
    }
    const { reaction, section, field, message } = problem;
    this.#core.parts.logger.log('warn', 'peer broke the BOLT', { channelId, section, field, message });
    const text = field === undefined ? `${section}: ${message}` : `${section}: ${field}: ${message}`;
    const peer = channel.counterparty;
    const connected = this.#core.peers.get(peer);
    switch (reaction) {
      case 'ignore':
        return;
      case 'warn':
        if (connected !== undefined) {
          this.#core.peers.send(peer, connected.connection, warningMessage(channelId, text));
        }
        return;
      case 'disconnect':
        if (connected !== undefined) {
          this.#core.peers.disconnect(peer, connected.connection, text, warningMessage(channelId, text));
        }
        return;
      case 'failChannel':
        this.#shell.perform(channel, { kind: 'fail', error: problem });
        return;
      default:
        assertNever(reaction);
    }
  }

  #give(channel: LiveChannel, message: ChannelMessage): void {
    if (channel.suspended) {
      this.#keep(channel, message);
      return;
    }
    const step = this.#shell.perform(channel, { kind: 'message', message });
    if (!step.ok) this.react(channel, step.error);
  }

  /** A `channel_reestablish` that is lost would make what follows it a violation, and end the channel. */
  #keep(channel: LiveChannel, message: ChannelMessage): void {
    const { counterparty } = channel;
    const connected = this.#core.peers.get(counterparty);
    if (connected === undefined) return;
    if (channel.unheard.length >= mostUnheard) {
      this.#core.peers.disconnect(counterparty, connected.connection, 'messages before our channel_reestablish');
      return;
    }
    // In bytes of its own: what came in may be views of a buffer that is used again.
    const kept = decodeMessage(encodeMessage(message));
    if (kept.ok) channel.unheard = [...channel.unheard, kept.value as ChannelMessage];
  }
}

const printable = (data: Uint8Array): string =>
  Array.from(data.subarray(0, 500), (code) => (code >= 32 && code <= 126 ? String.fromCharCode(code) : '?')).join('');
