import { blockHeight, msat, type ShortChannelId } from '@boltwright/base';
import type { Path, RouteHop } from '@boltwright/interfaces';
import { type OnionPayload, payloadsFit } from '@boltwright/wire';
import { exactForwardingFee } from '../fees.ts';
import type { SearchSpace } from './search-space.ts';

/** A path with what goes over each of its edges, in `bigint`. */
export interface ExactPath {
  /** Of the search space, first edge first. */
  readonly edges: readonly number[];
  readonly path: Path;
  /** What is sent over each edge. */
  readonly amountsMsat: readonly bigint[];
  readonly feeMsat: bigint;
  /** The sum of all deltas, the final one's included. */
  readonly totalCltvDelta: number;
}

interface EdgeTerms {
  readonly shortChannelId: ShortChannelId;
  readonly target: number;
  readonly feeBase: number;
  readonly feeProportional: number;
  readonly cltvDelta: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly capacity: number;
}

function termsOf(space: SearchSpace, edge: number): EdgeTerms {
  if (edge >= space.firstExtraEdge) {
    const { to, htlcMinimum, htlcMaximum, ...rest } = space.extraEdges[edge - space.firstExtraEdge]!;
    return { ...rest, target: to, minimum: htlcMinimum, maximum: htlcMaximum };
  }
  const table = space.graph.channelTable;
  const maximum = table.htlcMaximum[edge]!;
  return {
    shortChannelId: table.id(edge >> 1),
    target: table.ends[edge ^ 1]!,
    feeBase: table.feeBase[edge]!,
    feeProportional: table.feeProportional[edge]!,
    cltvDelta: table.cltvDelta[edge]!,
    minimum: table.htlcMinimum[edge]!,
    maximum,
    capacity: table.capacity[edge >> 1]! * 1000 || maximum,
  };
}

/**
 * Computes a found path again, from the payee backwards, in `bigint`: what money follows is not a double's.
 *
 * @returns Undefined where the path breaks a policy, exceeds a capacity or does not fit the onion.
 */
export function exactPath(
  space: SearchSpace,
  edges: readonly number[],
  amountMsat: bigint,
  finalCltvDelta: number,
  finalPayloadExtra = 0,
): ExactPath | undefined {
  const hops: RouteHop[] = [];
  const amounts: bigint[] = [];
  let amount = amountMsat;
  let fee: bigint = amountMsat;
  let delta = finalCltvDelta;
  let totalCltvDelta = 0;
  for (let i = edges.length - 1; i >= 0; i--) {
    const edge = edges[i]!;
    const terms = termsOf(space, edge);
    if (amount < BigInt(terms.minimum) || exceeds(amount, terms.maximum)) return undefined;
    if (exceeds(amount + BigInt(finite(space.usedOn(edge))), terms.capacity)) return undefined;
    hops.push({
      nodeId: space.idOf(terms.target),
      shortChannelId: terms.shortChannelId,
      feeMsat: msat(fee),
      cltvExpiryDelta: delta,
    });
    amounts.push(amount);
    totalCltvDelta += delta;
    fee = exactForwardingFee(terms.feeBase, terms.feeProportional, amount);
    delta = terms.cltvDelta;
    if (i > 0) amount += fee;
  }
  hops.reverse();
  amounts.reverse();
  if (!fitsOnion(hops, amounts, finalPayloadExtra)) return undefined;
  return { edges, path: { hops }, amountsMsat: amounts, feeMsat: amounts[0]! - amountMsat, totalCltvDelta };
}

const exceeds = (amount: bigint, limit: number): boolean =>
  limit !== Number.POSITIVE_INFINITY && amount > BigInt(limit);
const finite = (used: number): number => (used === Number.POSITIVE_INFINITY ? Number.MAX_SAFE_INTEGER : used);

// heights and the total are not known here: they count as long as they can be
const longestExpiry = blockHeight(0xffff_ffff);
const longestTotal = msat(2_100_000_000_000_000_000n);

/** BOLT 4, Packet Structure: 1300 bytes for all payloads. `extra`: bytes of metadata for the payee. */
function fitsOnion(hops: readonly RouteHop[], amounts: readonly bigint[], extra: number): boolean {
  const payloads = hops.map((_, i): OnionPayload => {
    const next = hops[i + 1];
    const terms = { amtToForward: msat(amounts[i + 1] ?? amounts[i]!), outgoingCltvValue: longestExpiry };
    if (next !== undefined) return { ...terms, shortChannelId: next.shortChannelId };
    const paymentData = { paymentSecret: new Uint8Array(32), totalMsat: longestTotal };
    return extra === 0 ? { ...terms, paymentData } : { ...terms, paymentData, paymentMetadata: new Uint8Array(extra) };
  });
  return payloadsFit(payloads);
}
