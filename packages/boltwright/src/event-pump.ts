import { assertNever } from '@boltwright/base';
import type { ChannelManager } from '@boltwright/channel-manager';
import type { Event, EventsProvider, FeeEstimator, Logger } from '@boltwright/interfaces';
import type { PeerManager } from '@boltwright/peer-manager';
import type { OnChainWallet } from '@boltwright/wallet';

export interface EventPumpParts {
  readonly manager: ChannelManager;
  readonly monitors: EventsProvider;
  readonly peers: Pick<PeerManager, 'processEvents'>;
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
    const { manager, monitors, peers } = this.#parts;
    manager.handleMonitorEvents();
    for (const provider of [manager, monitors]) {
      for (const { id, event } of provider.pendingEvents()) {
        if (this.#guarded(() => this.#own(event)) && this.#guarded(() => this.#parts.onEvent(event))) {
          provider.eventHandled(id);
        }
      }
    }
    peers.processEvents();
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
  #own(event: Event): void {
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
      case 'spendableOutputs':
      case 'channelFrozen':
        return;
      default:
        assertNever(event);
    }
  }
}
