import type { EdgeScorer } from '../scoring/edge-scorer.ts';
import type { SearchSpace } from '../search/search-space.ts';
import { certaintyWorth, edgeChance } from './odds.ts';

/** The amount is so many units of flow. */
export const flowUnits = 200;
/** An edge that can carry less than this many units is left out: such small parts are not worth their slots. */
const leastUnits = 4;
/** The shares of what an edge can carry at which its cost bends. */
const bends = [0.2, 0.4, 0.6, 0.8, 0.95, 1] as const;
/** A unit's cost on one edge is at most this, so that sums over a million nodes stay whole numbers below 2^53. */
const largestSlope = 2 ** 33;
/** What an edge asks once a path is asked as if the flow over it were in this many parts. */
const usualParts = 3;
/** A chance counts as at least this. */
const leastChance = 1e-6;

export interface ArcTask {
  readonly space: SearchSpace;
  readonly scorer: EdgeScorer;
  readonly source: number;
  readonly amount: number;
  readonly maxFee: number;
  /** The graph's channels from the source are not ours to use. */
  readonly ownFirstHops: boolean;
  /** How much more than themselves fees count. */
  readonly feeWeight: number;
}

/** A stretch of an edge's cost in which each unit costs the same. */
export interface Piece {
  readonly slope: number;
  /** Units of flow up to which it reaches. */
  readonly end: number;
}

/**
 * What flow over an edge costs: the negative logarithm of the edge's chance, times what certainty is worth, and fees
 * (Pickhardt and Richter), by pieces in which it is linear, in whole numbers. Costs rise from piece to piece.
 */
export class ArcCosts {
  readonly unit: number;
  readonly #task: ArcTask;
  readonly #worth: number;
  /** What is left of an edge's room once fees on the amount are kept free. */
  readonly #room: number;
  readonly #pieces = new Map<number, readonly Piece[]>();

  constructor(task: ArcTask) {
    this.#task = task;
    this.unit = Math.ceil(task.amount / flowUnits);
    this.#worth = certaintyWorth(task.scorer, task.amount);
    this.#room = 1 / (1 + Math.min(0.02, task.maxFee / task.amount));
  }

  /** Units that one part may carry over the edge. */
  partUnits(edge: number): number {
    const { space } = this.#task;
    const extra = space.extraEdges[edge - space.firstExtraEdge];
    const maximum = extra?.htlcMaximum ?? space.graph.channelTable.htlcMaximum[edge]!;
    return Math.min(flowUnits, Math.floor((maximum * this.#room) / this.unit));
  }

  /** The edge's cost, piece by piece; empty where nothing can go. Kept for edges that carry flow. */
  kept(edge: number, from: number): readonly Piece[] {
    const known = this.#pieces.get(edge);
    if (known !== undefined) return known;
    const all: Piece[] = [];
    for (;;) {
      const last = all.at(-1);
      const piece = this.after(edge, from, last?.end ?? 0);
      if (piece === undefined) break;
      // by a user's scorer, chances may fall ever slower: the flow counts on costs that do not
      all.push({ slope: Math.max(piece.slope, last?.slope ?? 0), end: piece.end });
    }
    this.#pieces.set(edge, all);
    return all;
  }

  /** The piece that begins where another ended, 0 for the first one; undefined after the last one. */
  after(edge: number, from: number, start: number): Piece | undefined {
    const { space, source } = this.#task;
    if (edge >= space.firstExtraEdge) return this.#extraPiece(edge - space.firstExtraEdge, start);
    if (from === source && this.#task.ownFirstHops) return undefined;
    const { scorer, amount, feeWeight } = this.#task;
    const { htlcMaximum, htlcMinimum, capacity, feeBase, feeProportional } = space.graph.channelTable;
    const maximum = htlcMaximum[edge]!;
    const whole = capacity[edge >> 1]! * 1000 || maximum;
    const used = space.used[edge]!;
    const { unit } = this;
    if (htlcMinimum[edge]! > amount / 4 || maximum < leastUnits * unit || whole - used < leastUnits * unit) {
      return undefined;
    }
    const units = this.#unitsOf(edge, used, whole);
    if (units < leastUnits) return undefined;
    const end = nextBend(units, start);
    if (end === undefined) return undefined;
    const once = scorer.edgePenalty(edge, unit, used, whole);
    if (once === Number.POSITIVE_INFINITY) return undefined;
    const before = Math.max(edgeChance(scorer, edge, start * unit, used, whole), leastChance);
    const then = Math.max(edgeChance(scorer, edge, end * unit, used, whole), leastChance);
    const isFirst = from === source;
    const base = isFirst ? once : once + feeWeight * feeBase[edge]!;
    const proportional = isFirst ? 0 : (feeWeight * feeProportional[edge]! * unit) / 1_000_000;
    const slope =
      (this.#worth * Math.log(before / then)) / (end - start) + (usualParts * base) / flowUnits + proportional;
    return { slope: Math.min(Math.ceil(slope) + 1, largestSlope), end };
  }

  #extraPiece(number: number, start: number): Piece | undefined {
    const { space, source, ownFirstHops, feeWeight } = this.#task;
    const edge = space.extraEdges[number]!;
    if (edge.from === source && ownFirstHops && !edge.isOwn) return undefined;
    const free = edge.capacity === Number.POSITIVE_INFINITY ? edge.capacity : edge.capacity - space.extraUsed[number]!;
    const units = Math.floor(Math.min(flowUnits, (free * this.#room) / this.unit));
    if (start >= units) return undefined;
    if (edge.from === source) return { slope: 1, end: units };
    const fees = (usualParts * edge.feeBase) / flowUnits + (edge.feeProportional * this.unit) / 1_000_000;
    return { slope: Math.min(Math.ceil(feeWeight * fees) + 1, largestSlope), end: units };
  }

  /** Units that the edge might carry by all that is known: where the scorer's chance ends, its room does. */
  #unitsOf(edge: number, used: number, capacity: number): number {
    const { scorer } = this.#task;
    let possible = Math.floor(((capacity - used) * this.#room) / this.unit);
    if (edgeChance(scorer, edge, possible * this.unit, used, capacity) > 0) return possible;
    let least = 0;
    while (possible - least > 1) {
      const middle = Math.floor((least + possible) / 2);
      if (edgeChance(scorer, edge, middle * this.unit, used, capacity) > 0) least = middle;
      else possible = middle;
    }
    return least;
  }
}

function nextBend(units: number, start: number): number | undefined {
  for (const share of bends) {
    const end = Math.floor(units * share);
    if (end > start) return end;
  }
  return undefined;
}
