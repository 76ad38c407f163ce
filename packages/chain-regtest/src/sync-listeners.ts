import type { BlockHash, BlockHeight } from '@boltwright/base';
import type { BlockLocation, BlockSource, ChainListener } from '@boltwright/interfaces';

/**
 * Brings every listener from its own tip to the best block of the source, each over a fork where it stands on one: a
 * listener whose block is not on the best chain hears one `blocksDisconnected`, then the blocks of the best chain.
 *
 * Order: the blocks are told by height, and at each height to the listeners in the order given.
 *
 * Failure: rejects with what the source rejects with; every listener stands on a block then, and the call may be made
 * again.
 *
 * @returns the block that all of them stand on.
 */
export async function syncListeners(source: BlockSource, listeners: readonly ChainListener[]): Promise<BlockLocation> {
  for (;;) {
    const best = await source.bestBlock();
    const chain = new Branch(source, best);
    for (const listener of listeners) {
      const fork = await chain.forkPoint(listener.tip());
      if (fork !== undefined) listener.blocksDisconnected(fork);
    }
    const lowest = listeners.reduce((low, listener) => Math.min(low, listener.tip().height), best.height as number);
    for (let height = lowest + 1; height <= best.height; height++) {
      const block = await source.block(await chain.hashAt(height));
      for (const listener of listeners) {
        if (listener.tip().height === height - 1) listener.blockConnected(block, height as BlockHeight);
      }
    }
    if ((await source.bestBlock()).hash === best.hash) return best;
  }
}

/** The hashes of one branch, read backwards from its tip as far as they are asked for. */
class Branch {
  readonly #source: BlockSource;
  readonly #hashes = new Map<number, BlockHash>();
  #lowest: BlockLocation;

  constructor(source: BlockSource, tip: BlockLocation) {
    this.#source = source;
    this.#lowest = tip;
    this.#hashes.set(tip.height, tip.hash);
  }

  async hashAt(height: number): Promise<BlockHash> {
    while (this.#lowest.height > height) {
      const { previous } = await this.#source.header(this.#lowest.hash);
      this.#lowest = { hash: previous, height: (this.#lowest.height - 1) as BlockHeight };
      this.#hashes.set(this.#lowest.height, previous);
    }
    const hash = this.#hashes.get(height);
    if (hash === undefined) throw new RangeError(`the branch has no block ${height}`);
    return hash;
  }

  /** Where the branch that ends in `from` leaves this one; undefined where it does not. */
  async forkPoint(from: BlockLocation): Promise<BlockLocation | undefined> {
    let at = from;
    while (!(await this.#has(at))) {
      const { previous } = await this.#source.header(at.hash);
      at = { hash: previous, height: (at.height - 1) as BlockHeight };
    }
    return at === from ? undefined : at;
  }

  async #has({ hash, height }: BlockLocation): Promise<boolean> {
    return this.#hashes.get(height) === hash || (height <= this.#lowest.height && (await this.hashAt(height)) === hash);
  }
}
