import type { Msat, NodeId, ShortChannelId } from '@boltwright/base';
import type { InFlightHtlcs, Path } from '@boltwright/interfaces';

/** What payments of ours hold of each directed channel, so that a route does not count on it again. */
export class InFlight implements InFlightHtlcs {
  readonly #used = new Map<string, bigint>();

  add(payer: NodeId, path: Path): void {
    let amount = path.hops.reduce((sum, { feeMsat }) => sum + feeMsat, 0n);
    let from = payer;
    for (const { nodeId, shortChannelId, feeMsat } of path.hops) {
      const key = `${shortChannelId}/${from}`;
      this.#used.set(key, (this.#used.get(key) ?? 0n) + amount);
      amount -= feeMsat;
      from = nodeId;
    }
  }

  usedMsat(channel: ShortChannelId, from: NodeId): Msat {
    return (this.#used.get(`${channel}/${from}`) ?? 0n) as Msat;
  }
}
