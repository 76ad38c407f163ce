import type { NodeId } from '@boltwright/base';
import type { ChannelDetails, InFlightHtlcs, RouteParameters } from '@boltwright/interfaces';

/** How several parts are planned; see {@link RouteRequest.plan}. */
export type RoutePlan = 'heuristic' | 'flow';

/** What `getRoute` is asked. */
export interface RouteRequest {
  readonly payer: NodeId;
  readonly parameters: RouteParameters;
  /** Our own channels with real balances; where given, each path starts with one of them, not with the graph's. */
  readonly firstHops?: readonly ChannelDetails[];
  readonly inFlight?: InFlightHtlcs;
  /** Longest path; 20 by default, fewer where the onion has no room. */
  readonly maxHops?: number;
  /** Bytes of payment metadata that the payee's payload carries besides the usual. */
  readonly paymentMetadataLength?: number;
  /**
   * With a seed, a random number of blocks is added to the final delta, so that the nodes on the way cannot tell by it
   * how near the payee is (BOLT 7, Recommendations for Routing). The same seed gives the same route.
   */
  readonly shadowSeed?: number;
  /**
   * How several parts are planned. `heuristic`, by default: only where one path cannot carry the amount, largest first.
   * `flow`: also where one path could but hardly would, by a flow of the least cost over the scorer's chances and fees;
   * it takes longer, within bounds on its work, and gives the heuristic's plan wherever that is as good.
   */
  readonly plan?: RoutePlan;
}

/** More hops do not fit the onion's 1300 bytes. */
export const maxPathHops = 20;
/** Above this, sums might leave the whole numbers that a double holds. */
export const maxRoutableMsat = 2 ** 51;
