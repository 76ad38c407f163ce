import { assertNever } from '@boltwright/base';
import { type OfferedHtlc, offeredHtlcs } from '@boltwright/channel';
import type { MonitorEvent, MonitorEventId } from '@boltwright/interfaces';
import type { ChannelShell, FulfilledHtlc } from '../channels/channel-shell.ts';
import type { LiveChannel } from '../channels/live-channel.ts';
import type { Core } from '../core/core.ts';

/** What the manager does about what its watch saw. */
export interface MonitorEventHandlers {
  htlcFulfilled(channel: LiveChannel, htlc: FulfilledHtlc): void;
  htlcTimedOut(channel: LiveChannel, htlc: OfferedHtlc): void;
  /** Everything of the channel on chain is where it belongs. */
  resolved(channel: LiveChannel): void;
}

/** Takes what the watch saw, and acknowledges it in the turn that makes durable what follows (rule 5 and 6). */
export class MonitorEvents {
  readonly #core: Core;
  readonly #shell: ChannelShell;
  readonly #handlers: MonitorEventHandlers;

  constructor(core: Core, shell: ChannelShell, handlers: MonitorEventHandlers) {
    this.#core = core;
    this.#shell = shell;
    this.#handlers = handlers;
  }

  handleAll(): void {
    const events = this.#core.parts.watch.monitorEvents();
    const done: MonitorEventId[] = [];
    for (const { id, event } of events) {
      this.#handle(event);
      done.push(id);
    }
    if (done.length > 0) this.#core.parts.watch.acknowledgeMonitorEvents(done);
  }

  #handle(event: MonitorEvent): void {
    const channel = this.#core.registry.funded(event.channelId);
    if (channel === undefined) {
      this.#core.parts.logger.log('warn', 'a monitor event of an unknown channel', { channelId: event.channelId });
      return;
    }
    switch (event.kind) {
      case 'htlcFulfilledOnChain': {
        const htlc = offered(channel, event.htlcId);
        if (htlc === undefined) return;
        const { id, source, paymentHash, amountMsat } = htlc;
        this.#handlers.htlcFulfilled(channel, { id, source, paymentHash, amountMsat, preimage: event.preimage });
        return;
      }
      case 'htlcTimedOutOnChain': {
        const htlc = offered(channel, event.htlcId);
        if (htlc !== undefined) this.#handlers.htlcTimedOut(channel, htlc);
        return;
      }
      case 'closing':
        this.#shell.perform(channel, { kind: 'closing', reason: event.reason });
        return;
      case 'fundingSpent':
        this.#shell.perform(channel, { kind: 'fundingSpent', spend: event.spend });
        return;
      case 'resolved':
        this.#handlers.resolved(channel);
        return;
      default:
        assertNever(event);
    }
  }
}

const offered = (channel: LiveChannel, htlcId: bigint): OfferedHtlc | undefined =>
  offeredHtlcs(channel.state).find(({ id }) => id === htlcId);
