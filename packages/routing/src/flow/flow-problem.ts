import type { SearchSpace } from '../search/search-space.ts';
import type { ArcCosts } from './arc-costs.ts';
import type { FlowSpace } from './flow-space.ts';

/** A flow to be found: from where, to where, how much, at what costs, with how much work. */
export interface FlowProblem {
  readonly space: SearchSpace;
  readonly flowSpace: FlowSpace;
  /** Of {@link FlowSpace.begin}. */
  readonly solve: number;
  readonly costs: ArcCosts;
  readonly source: number;
  readonly target: number;
  readonly units: number;
  /** Work after which the flow is given up. */
  readonly maxAugmentations: number;
  readonly maxEdges: number;
}
