import { type Block, type BlockHeight, blockHeight, shortChannelIdOf, type Txid } from '@boltwright/base';
import type { BlockLocation } from '@boltwright/interfaces';
import type { ChannelShell } from '../channels/channel-shell.ts';
import { fundedState, type LiveChannel } from '../channels/live-channel.ts';
import type { Core } from '../core/core.ts';
import { type Fundings, paysFunding } from './fundings.ts';

/** Seconds since 1970, from the 80 bytes of a block header. */
const blockTime = (header: Uint8Array): number => {
  if (header.length < 72) return 0;
  return new DataView(header.buffer, header.byteOffset, header.length).getUint32(68, true);
};

/** Where the manager stands on the chain, and what blocks mean to its channels. */
export class ChainFollower {
  readonly #core: Core;
  readonly #shell: ChannelShell;
  readonly #fundings: Fundings;

  constructor(core: Core, shell: ChannelShell, fundings: Fundings) {
    this.#core = core;
    this.#shell = shell;
    this.#fundings = fundings;
  }

  /** False for a block that was told before, or that does not follow on ours: nothing changes. */
  blockConnected(block: Block, height: BlockHeight): boolean {
    const { tip, parts } = this.#core;
    if (block.header.hash === tip.hash || height <= tip.height) return false;
    if (block.header.previous !== tip.hash || height !== tip.height + 1) {
      parts.logger.log('error', 'a block does not follow on our tip', { height, tip: tip.height });
      return false;
    }
    this.#core.moveTip({ hash: block.header.hash, height }, blockTime(block.header.bytes));
    this.#findFundings(block, height);
    for (const channel of this.#core.registry.all()) this.#shell.perform(channel, { kind: 'block', height });
    this.#fundings.broadcastAgain();
    return true;
  }

  blocksDisconnected(forkPoint: BlockLocation): void {
    if (forkPoint.height >= this.#core.tip.height) return;
    for (const channel of this.#core.registry.all()) {
      const confirmedAt = fundedState(channel.state)?.confirmation?.height;
      if (confirmedAt === undefined || confirmedAt <= forkPoint.height) continue;
      this.#shell.perform(channel, { kind: 'fundingUnconfirmed' });
    }
    this.#core.moveTip(forkPoint, 0);
    for (const channel of this.#core.registry.all()) {
      this.#shell.perform(channel, { kind: 'block', height: forkPoint.height });
    }
  }

  #findFundings(block: Block, height: BlockHeight): void {
    const awaited = this.#awaited();
    if (awaited.size === 0) return;
    for (const [index, transaction] of block.transactions.entries()) {
      for (const channel of awaited.get(transaction.txid) ?? []) {
        const state = fundedState(channel.state);
        if (state === undefined) continue;
        if (!paysFunding(this.#core, channel, transaction)) {
          this.#fail(channel, 'the funding transaction does not pay the channel');
          continue;
        }
        const shortChannelId = shortChannelIdOf(height, index, state.transactions.fundingOutpoint.vout);
        this.#shell.perform(channel, { kind: 'fundingConfirmed', height: blockHeight(height), shortChannelId });
      }
    }
  }

  #awaited(): ReadonlyMap<Txid, readonly LiveChannel[]> {
    const awaited = new Map<Txid, LiveChannel[]>();
    for (const channel of this.#core.registry.all()) {
      const state = fundedState(channel.state);
      if (state === undefined || state.confirmation !== undefined || state.kind === 'closed') continue;
      const { txid } = state.transactions.fundingOutpoint;
      awaited.set(txid, [...(awaited.get(txid) ?? []), channel]);
    }
    return awaited;
  }

  #fail(channel: LiveChannel, message: string): void {
    this.#shell.perform(channel, {
      kind: 'fail',
      error: {
        kind: 'channelError',
        code: 'wrong_funding_output',
        reaction: 'failChannel',
        channelId: channel.state.channelId,
        section: 'BOLT 2, The funding_created Message',
        field: 'funding_txid',
        message,
      },
    });
  }
}
