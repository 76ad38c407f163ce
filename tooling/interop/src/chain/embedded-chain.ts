import type { RawTransaction, Sat, Script, Txid } from '@boltwright/base';
import { RegtestChain } from '@boltwright/chain-regtest';
import type {
  BlockLocation,
  BroadcasterInterface,
  ChainListener,
  ChainWatchInterface,
  ConfirmationTarget,
  FeeEstimator,
} from '@boltwright/interfaces';
import { blockTime } from './block-time.ts';
import type { StoryChain } from './story-chain.ts';

const ours: readonly ConfirmationTarget[] = [
  'onChainSweep',
  'urgentOnChainSweep',
  'anchorChannel',
  'nonAnchorChannel',
  'channelClose',
  'outputSpending',
];

/** The embedded chain: every script checked by an interpreter that is not ours. */
export class EmbeddedChain implements StoryChain {
  readonly name = 'regtest';
  readonly #chain = new RegtestChain();

  get fees(): FeeEstimator {
    return this.#chain;
  }

  get broadcaster(): BroadcasterInterface {
    return this.#chain;
  }

  get chainWatch(): ChainWatchInterface {
    return this.#chain;
  }

  setFeerate(feeratePerKw: number): void {
    for (const target of ours) this.#chain.setFeerate(target, feeratePerKw);
  }

  tip(): BlockLocation {
    return this.#chain.tip;
  }

  now(): number {
    return blockTime(this.#chain.blockAt(this.#chain.height)!.header);
  }

  attach(listener: ChainListener): () => void {
    return this.#chain.attach(listener);
  }

  async mine(count: number): Promise<void> {
    this.#chain.mine(count);
  }

  async fund(script: Script, value: Sat): Promise<void> {
    this.#chain.fund({ script, value });
  }

  async mempool(): Promise<readonly Txid[]> {
    return this.#chain.mempool().map(({ txid }) => txid);
  }

  async confirmations(txid: Txid): Promise<number> {
    return this.#chain.confirmations(txid) ?? 0;
  }

  async transaction(txid: Txid): Promise<RawTransaction | undefined> {
    return this.#chain.transaction(txid)?.transaction;
  }

  async refusals(): Promise<readonly { readonly txid: Txid; readonly reason: string }[]> {
    return this.#chain.refused
      .filter(({ kind }) => kind !== 'alreadyConfirmed')
      .map(({ txid, kind, message }) => ({ txid, reason: `${kind}: ${message}` }));
  }

  async stop(): Promise<void> {}
}
