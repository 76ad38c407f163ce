import { assertNever } from '@boltwright/base';
import type { ChannelManager } from '@boltwright/channel-manager';
import type { Event, EventId, EventsProvider, FeeEstimator, Logger, TurnWriter } from '@boltwright/interfaces';
import type { ManyChannelMonitor } from '@boltwright/monitor';
import type { PeerManager } from '@boltwright/peer-manager';
import type { OnChainWallet, Sweeper } from '@boltwright/wallet';

type SpendableOutputs = Extract<Event, { readonly kind: 'spendableOutputs' }>;

export interface EventPumpParts {
  readonly manager: ChannelManager;
  readonly monitors: EventsProvider & Pick<ManyChannelMonitor, 'monitor'>;
  readonly peers: Pick<PeerManager, 'processEvents'>;
  readonly sweeper: Sweeper;
  /** Ended with each run: what the wallet wrote outside of the others' turns is durable with it. */
  readonly turns: Pick<TurnWriter, 'endTurn'>;
  readonly wallet: OnChainWallet;
  readonly feeEstimator: FeeEstimator;
  readonly logger: Logger;
  readonly payments: 'claim' | 'ask';
  readonly onEvent: (event: Event) => void;
}

/**
 * Brings out what the parts have to say: events to the user, messages to the peers. Scheduled by whoever may have
 * given them cause; runs once the calls under way have returned, never from within them.
 */
export class EventPump {
  readonly #parts: EventPumpParts;
  /** Events that wait for something and that the user has heard of. */
  readonly #told = new Set<EventId>();
  #scheduled = false;
  #stopped = false;

  constructor(parts: EventPumpParts) {
    this.#parts = parts;
  }

  schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#run();
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  #run(): void {
    const { manager, monitors, peers, turns } = this.#parts;
    manager.handleMonitorEvents();
    for (const provider of [manager, monitors]) {
      for (const { id, event } of provider.pendingEvents()) {
        if (event.kind === 'spendableOutputs') this.#sweep(id, event);
        else if (this.#guarded(() => this.#own(event)) && this.#guarded(() => this.#parts.onEvent(event))) {
          provider.eventHandled(id);
        }
      }
    }
    peers.processEvents();
    turns.endTurn();
  }

  /** Gives the sweeper what is pending already, so that it sees in the chain what became of it. Before it is attached. */
  takeUpSweeps(): void {
    for (const { id, event } of this.#parts.monitors.pendingEvents()) {
      if (event.kind === 'spendableOutputs') this.#addSweep(id, event);
    }
  }

  /** The user hears of it once; it is handled when the coins are home and buried, and told anew by a restart before. */
  #sweep(id: EventId, event: SpendableOutputs): void {
    const { sweeper, monitors, onEvent } = this.#parts;
    this.#addSweep(id, event);
    if (!this.#told.has(id) && this.#guarded(() => onEvent(event))) this.#told.add(id);
    if (!this.#told.has(id) || !sweeper.isDone(id)) return;
    monitors.eventHandled(id);
    sweeper.forget(id);
    this.#told.delete(id);
  }

  /** To the script that the channel's other claims pay: it is in the channel's records. */
  #addSweep(id: EventId, { channelId, outputs }: SpendableOutputs): void {
    const { sweeper, monitors, wallet } = this.#parts;
    sweeper.add(id, outputs, monitors.monitor(channelId)?.destinationScript ?? wallet.newScript());
  }

  /** A handler that throws leaves its event unhandled: it comes again. */
  #guarded(handle: () => void): boolean {
    try {
      handle();
      return true;
    } catch (error) {
      this.#parts.logger.log('error', 'an event handler threw', {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      return false;
    }
  }

  /** What the node does by itself. */
  #own(event: Exclude<Event, SpendableOutputs>): void {
    const { manager, wallet, feeEstimator, logger, payments } = this.#parts;
    switch (event.kind) {
      case 'fundingGenerationReady': {
        const { temporaryChannelId, value, script } = event;
        const funding = wallet.buildFunding([{ value, script }], feeEstimator.feerate('nonAnchorChannel'));
        if (!funding.ok) {
          logger.log('error', 'cannot fund the channel', { temporaryChannelId, reason: funding.error.message });
          manager.forceCloseChannel(temporaryChannelId, `no coins to fund it: ${funding.error.message}`);
          return;
        }
        const given = manager.fundingTransactionGenerated(temporaryChannelId, funding.value, 0);
        if (!given.ok) {
          logger.log('error', 'the funding is refused', { temporaryChannelId, reason: given.error.message });
          wallet.release(funding.value.txid);
        }
        return;
      }
      case 'discardFunding':
        wallet.release(event.transaction.txid);
        return;
      case 'paymentClaimable':
        if (payments === 'ask') return;
        if (event.preimage === undefined) manager.failHtlcBackwards(event.paymentHash);
        else manager.claimFunds(event.preimage);
        return;
      case 'openChannelRequest':
      case 'channelPending':
      case 'channelReady':
      case 'channelClosed':
      case 'paymentClaimed':
      case 'paymentSent':
      case 'paymentFailed':
      case 'paymentPathFailed':
      case 'paymentForwarded':
      case 'channelFrozen':
        return;
      default:
        assertNever(event);
    }
  }
}
