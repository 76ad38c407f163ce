import { err, ok, type Result, type ShortChannelId } from '@boltwright/base';
import type { ChannelUsage, DirectedChannel, Path, Scorer } from '@boltwright/interfaces';
import type { NetworkGraph } from '../graph/network-graph.ts';
import type { EdgeScorer } from './edge-scorer.ts';
import { readLiquidity, type ScorerStateError, writeLiquidity } from './liquidity-bytes.ts';
import { LiquidityTable } from './liquidity-table.ts';

/** What a payment's chance of failing is worth avoiding. */
export interface ProbabilisticScoringParameters {
  /** Msat a hop, whatever its chances: shorter paths fail less for reasons that nobody models. */
  readonly basePenaltyMsat: number;
  /** Millionths of the amount a hop. */
  readonly basePenaltyAmountMillionths: number;
  /** Msat for each factor of e by which a channel makes success less likely. */
  readonly liquidityPenaltyMsat: number;
  /** Millionths of the amount for the same. */
  readonly liquidityPenaltyAmountMillionths: number;
  /** Msat for a channel that, by what is known, cannot carry the amount: a last resort, as what is known grows old. */
  readonly impossiblePenaltyMsat: number;
  /** After this many seconds, bounds have gone half the way back to knowing nothing. */
  readonly halfLifeSeconds: number;
  /** Channels about which something is kept. */
  readonly maxChannels: number;
}

/** Amounts in millisatoshis, shares in millionths; what was learnt of a channel loses half of its weight in six hours. */
export const defaultScoringParameters: ProbabilisticScoringParameters = {
  basePenaltyMsat: 1000,
  basePenaltyAmountMillionths: 100,
  liquidityPenaltyMsat: 20_000,
  liquidityPenaltyAmountMillionths: 4000,
  impossiblePenaltyMsat: 1e11,
  halfLifeSeconds: 21_600,
  maxChannels: 200_000,
};

/** A channel's penalty never counts a chance below this: it would drown all else. */
const leastProbability = 0.01;
/** Bounds this many half-lives old say nothing. */
const forgottenAfter = 16;

/**
 * Prices channels by the chance that they can carry an amount: balances are taken as uniform between the bounds that
 * earlier payments taught (Pickhardt and Richter), and the bounds go back to 0 and the capacity as time passes.
 *
 * One scorer serves one graph; what it knows is by short channel id, and survives a channel's removal and return.
 */
export class ProbabilisticScorer implements Scorer, EdgeScorer {
  readonly #graph: NetworkGraph;
  readonly #parameters: ProbabilisticScoringParameters;
  #table: LiquidityTable;
  #now = 0;
  /** By the graph's channel rows: the entry's row plus one, -1 for none, 0 for not looked up yet. */
  #entryOf = new Int32Array(0);
  #seenVersion = -1;

  constructor(graph: NetworkGraph, parameters: Partial<ProbabilisticScoringParameters> = {}) {
    this.#graph = graph;
    this.#parameters = { ...defaultScoringParameters, ...parameters };
    this.#table = new LiquidityTable(graph.hashSeed, this.#parameters.maxChannels);
  }

  /** Channels about which something is known. */
  get knownChannels(): number {
    return this.#table.length;
  }

  edgePenalty(edge: number, amountMsat: number, usedMsat: number, capacityMsat: number): number {
    const parameters = this.#parameters;
    let lower = 0;
    let upper = capacityMsat;
    if (this.#table.length > 0) {
      const entry = this.#entry(edge >> 1);
      if (entry >= 0) {
        lower = this.#lower(entry, edge & 1, capacityMsat);
        upper = this.#upper(entry, edge & 1, capacityMsat);
      }
    }
    const base =
      parameters.basePenaltyMsat + Math.floor((amountMsat * parameters.basePenaltyAmountMillionths) / 1_000_000);
    const wanted = amountMsat + usedMsat;
    if (wanted <= lower) return base;
    if (wanted > upper) return base + parameters.impossiblePenaltyMsat;
    const probability = Math.max((upper - wanted + 1) / (upper - lower + 1), leastProbability);
    const weight =
      parameters.liquidityPenaltyMsat + (amountMsat * parameters.liquidityPenaltyAmountMillionths) / 1_000_000;
    return base + Math.floor(-Math.log(probability) * weight);
  }

  edgeProbability(edge: number, amountMsat: number, usedMsat: number, capacityMsat: number): number {
    const wanted = amountMsat + usedMsat;
    const entry = this.#table.length === 0 ? -1 : this.#entry(edge >> 1);
    const lower = entry < 0 ? 0 : this.#lower(entry, edge & 1, capacityMsat);
    const upper = entry < 0 ? capacityMsat : this.#upper(entry, edge & 1, capacityMsat);
    if (wanted <= lower) return 1;
    return wanted > upper ? 0 : (upper - wanted + 1) / (upper - lower + 1);
  }

  certaintyWorthMsat(amountMsat: number): number {
    const { liquidityPenaltyMsat, liquidityPenaltyAmountMillionths } = this.#parameters;
    return liquidityPenaltyMsat + (amountMsat * liquidityPenaltyAmountMillionths) / 1_000_000;
  }

  penaltyMsat({ shortChannelId, target }: DirectedChannel, usage: ChannelUsage): number {
    const edge = this.#edge(shortChannelId, target);
    if (edge < 0) return this.#parameters.basePenaltyMsat;
    return this.edgePenalty(edge, Number(usage.amountMsat), Number(usage.inFlightMsat), Number(usage.capacityMsat));
  }

  /** The chance that the channel can carry the amount, by what is known now; undefined for an unknown channel. */
  successProbability({ shortChannelId, target }: DirectedChannel, amountMsat: bigint): number | undefined {
    const bounds = this.liquidityBounds(shortChannelId, target);
    if (bounds === undefined) return undefined;
    const amount = Number(amountMsat);
    if (amount <= bounds.lowerMsat) return 1;
    if (amount > bounds.upperMsat) return 0;
    return (bounds.upperMsat - amount + 1) / (bounds.upperMsat - bounds.lowerMsat + 1);
  }

  /** What can be sent towards `target` now, as far as is known. */
  liquidityBounds(
    id: ShortChannelId,
    target: string,
  ): { readonly lowerMsat: number; readonly upperMsat: number } | undefined {
    const edge = this.#edge(id, target);
    if (edge < 0) return undefined;
    const capacity = this.#capacity(edge);
    const entry = this.#table.findId(id);
    if (entry < 0) return { lowerMsat: 0, upperMsat: capacity };
    return {
      lowerMsat: this.#lower(entry, edge & 1, capacity),
      upperMsat: this.#upper(entry, edge & 1, capacity),
    };
  }

  /** The channels before the failed one could carry their amounts; the failed one could not. */
  pathFailed(path: Path, failedAt: ShortChannelId): void {
    for (const { edge, id, amount } of this.#steps(path)) {
      const failed = id === failedAt;
      if (edge >= 0) {
        const capacity = this.#capacity(edge);
        const entry = this.#entryToLearn(edge, capacity);
        if (entry >= 0) {
          const lower = this.#lower(entry, edge & 1, capacity);
          const upper = this.#upper(entry, edge & 1, capacity);
          if (failed) this.#set(entry, edge, capacity, lower < amount ? lower : 0, Math.min(upper, amount - 1));
          else this.#set(entry, edge, capacity, Math.max(lower, amount), upper < amount ? capacity : upper);
        }
      }
      if (failed) return;
    }
  }

  /** Every channel carried its amount, which is now at its other end. */
  pathSucceeded(path: Path): void {
    for (const { edge, amount } of this.#steps(path)) {
      if (edge < 0) continue;
      const capacity = this.#capacity(edge);
      const entry = this.#entryToLearn(edge, capacity);
      if (entry < 0) continue;
      const lower = Math.max(this.#lower(entry, edge & 1, capacity), amount);
      const known = this.#upper(entry, edge & 1, capacity);
      const upper = known < amount ? capacity : known;
      this.#set(entry, edge, capacity, lower - amount, upper - amount);
    }
  }

  /** @param seconds - Since the last call. */
  timePassed(seconds: number): void {
    this.#now += Math.max(0, seconds);
  }

  /** What was learnt, to be kept: versioned, with a checksum, 28 bytes a channel. */
  toBytes(): Uint8Array {
    return writeLiquidity(this.#table, this.#now);
  }

  /**
   * Takes in what was learnt before, or elsewhere. Where both know a channel, the bounds that are narrower now stay.
   * Bytes that are no such state change nothing.
   */
  merge(bytes: Uint8Array): Result<void, ScorerStateError> {
    const read = readLiquidity(bytes, this.#table.limit);
    if (!read.ok) return err(read.error);
    for (const { high, low, lower, upper, age } of read.value) {
      const known = this.#table.find(high, low);
      const row = known >= 0 ? known : this.#add(high, low);
      if (row < 0) break;
      if (known >= 0) {
        const decay = 2 ** ((this.#table.learntAt[row]! - this.#now) / this.#parameters.halfLifeSeconds);
        const theirs = 2 ** (-age / this.#parameters.halfLifeSeconds);
        if (decay >= theirs) continue;
      }
      this.#table.lower[row] = lower;
      this.#table.upper[row] = upper;
      this.#table.learntAt[row] = this.#now - age;
    }
    this.#entryOf.fill(0);
    return ok(undefined);
  }

  #entry(channel: number): number {
    if (this.#seenVersion !== this.#graph.version) {
      if (this.#entryOf.length < this.#graph.channelTable.length) {
        this.#entryOf = new Int32Array(this.#graph.channelTable.scidHigh.length);
      } else this.#entryOf.fill(0);
      this.#seenVersion = this.#graph.version;
    }
    const cached = this.#entryOf[channel]!;
    if (cached !== 0) return cached < 0 ? -1 : cached - 1;
    const { scidHigh, scidLow } = this.#graph.channelTable;
    const found = this.#table.find(scidHigh[channel]!, scidLow[channel]!);
    this.#entryOf[channel] = found < 0 ? -1 : found + 1;
    return found;
  }

  /** What the direction can send at least; `direction` 1 sends what `node_id_1` lacks. */
  #lower(entry: number, direction: number, capacity: number): number {
    const { lower, upper } = this.#table;
    const known = direction === 0 ? lower[entry]! : capacity - upper[entry]!;
    return known <= 0 ? 0 : Math.floor(Math.min(known, capacity) * this.#decay(entry));
  }

  #upper(entry: number, direction: number, capacity: number): number {
    const { lower, upper } = this.#table;
    const known = direction === 0 ? upper[entry]! : capacity - lower[entry]!;
    return known >= capacity ? capacity : capacity - Math.floor((capacity - Math.max(known, 0)) * this.#decay(entry));
  }

  #decay(entry: number): number {
    return 2 ** ((this.#table.learntAt[entry]! - this.#now) / this.#parameters.halfLifeSeconds);
  }

  #set(entry: number, edge: number, capacity: number, lower: number, upper: number): void {
    const forward = (edge & 1) === 0;
    this.#table.lower[entry] = forward ? lower : capacity - upper;
    this.#table.upper[entry] = forward ? upper : capacity - lower;
    this.#table.learntAt[entry] = this.#now;
  }

  #entryToLearn(edge: number, capacity: number): number {
    const known = this.#entry(edge >> 1);
    if (known >= 0) return known;
    const { scidHigh, scidLow } = this.#graph.channelTable;
    const row = this.#add(scidHigh[edge >> 1]!, scidLow[edge >> 1]!);
    if (row < 0) return -1;
    this.#table.lower[row] = 0;
    this.#table.upper[row] = capacity;
    this.#table.learntAt[row] = this.#now;
    this.#entryOf[edge >> 1] = row + 1;
    return row;
  }

  #add(high: number, low: number): number {
    const row = this.#table.add(high, low);
    if (row >= 0) return row;
    const oldest = this.#now - forgottenAfter * this.#parameters.halfLifeSeconds;
    this.#table.retain((entry) => this.#table.learntAt[entry]! > oldest);
    this.#entryOf.fill(0);
    return this.#table.add(high, low);
  }

  /** The direction of a channel that leads to a node; -1 where the graph does not know it. */
  #edge(id: ShortChannelId, target: string): number {
    const { channelTable, nodeTable } = this.#graph;
    const channel = channelTable.findId(id);
    if (channel < 0) return -1;
    if (nodeTable.id(channelTable.ends[2 * channel + 1]!) === target) return 2 * channel;
    return nodeTable.id(channelTable.ends[2 * channel]!) === target ? 2 * channel + 1 : -1;
  }

  #capacity(edge: number): number {
    const { capacity, htlcMaximum } = this.#graph.channelTable;
    return capacity[edge >> 1]! * 1000 || htlcMaximum[edge]!;
  }

  /** What went over each channel: each hop's fee is what its node kept, the last one's the amount. */
  #steps({ hops }: Path): readonly { readonly edge: number; readonly id: ShortChannelId; readonly amount: number }[] {
    let amount = 0n;
    return [...hops]
      .reverse()
      .map(({ nodeId, shortChannelId, feeMsat }) => {
        amount += feeMsat;
        return { edge: this.#edge(shortChannelId, nodeId), id: shortChannelId, amount: Number(amount) };
      })
      .reverse();
  }
}
