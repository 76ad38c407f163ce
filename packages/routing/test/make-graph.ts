import {
  type ChannelId,
  cltvDelta,
  fromHex,
  msat,
  type NodeId,
  nodeId,
  type ShortChannelId,
  sat,
  shortChannelId,
  unwrap,
} from '@boltwright/base';
import type { ChannelDetails, InFlightHtlcs, RouteHintHop, RouteParameters } from '@boltwright/interfaces';
import { NetworkGraph } from '../src/index.ts';

/** A node id made of a number; greater numbers are greater ids. */
export const node = (n: number): NodeId => nodeId(`02${n.toString(16).padStart(64, '0')}`);
export const scid = (n: number): ShortChannelId => shortChannelId(BigInt(n));

export interface Terms {
  readonly base?: number;
  readonly ppm?: number;
  readonly cltv?: number;
  readonly min?: number;
  readonly max?: number;
  readonly disabled?: boolean;
}

export interface TestChannel {
  readonly id: number;
  readonly a: number;
  readonly b: number;
  readonly capacity?: number;
  /** From a to b. */
  readonly there?: Terms;
  readonly back?: Terms;
}

/** `a` is less than `b`. */
export function add(graph: NetworkGraph, { id, a, b, capacity = 1_000_000, there, back }: TestChannel): void {
  const ids = { shortChannelId: scid(id), nodeId1: node(a), nodeId2: node(b) };
  unwrap(graph.addChannel({ ...ids, ...(capacity === 0 ? {} : { capacitySat: sat(BigInt(capacity)) }) }));
  for (const [direction, terms] of [
    [0, there],
    [1, back],
  ] as const) {
    if (terms !== undefined) unwrap(graph.updateChannel(scid(id), direction, policy(terms, capacity * 1000)));
  }
}

export const policy = (terms: Terms, maximum = 1_000_000_000, timestamp = 1) => ({
  timestamp,
  disabled: terms.disabled ?? false,
  feeBaseMsat: terms.base ?? 1000,
  feeProportionalMillionths: terms.ppm ?? 100,
  cltvExpiryDelta: cltvDelta(terms.cltv ?? 40),
  htlcMinimumMsat: msat(BigInt(terms.min ?? 1)),
  htlcMaximumMsat: msat(BigInt(terms.max ?? maximum)),
});

export function graphOf(channels: readonly TestChannel[]): NetworkGraph {
  const graph = new NetworkGraph({ hashSeed: 1 });
  for (const channel of channels) add(graph, channel);
  return graph;
}

export const parameters = (
  payee: number,
  amountMsat: bigint,
  more: Partial<RouteParameters> = {},
): RouteParameters => ({
  payee: node(payee),
  amountMsat: msat(amountMsat),
  finalCltvDelta: cltvDelta(18),
  maxFeeMsat: msat(1_000_000_000n),
  maxTotalCltvDelta: 2016,
  maxPaths: 10,
  routeHints: [],
  ...more,
});

export const hint = (source: number, id: number, more: Partial<RouteHintHop> = {}): RouteHintHop => ({
  sourceNodeId: node(source),
  shortChannelId: scid(id),
  feeBaseMsat: 1000,
  feeProportionalMillionths: 100,
  cltvExpiryDelta: cltvDelta(80),
  ...more,
});

export const ownChannel = (
  id: number,
  peer: number,
  limit: bigint,
  more: Partial<ChannelDetails> = {},
): ChannelDetails => ({
  channelId: id.toString(16).padStart(64, '0') as ChannelId,
  counterparty: node(peer),
  channelValueSatoshis: sat(limit / 1000n),
  shortChannelId: scid(id),
  outboundScid: scid(id),
  isOutbound: true,
  isAnnounced: true,
  state: 'normal',
  pendingHtlcs: 0,
  isReady: true,
  isUsable: true,
  balanceMsat: msat(limit),
  outboundCapacityMsat: msat(limit),
  nextOutboundHtlcLimitMsat: msat(limit),
  nextOutboundHtlcMinimumMsat: msat(1n),
  inboundCapacityMsat: msat(0n),
  ...more,
});

export const nothingInFlight: InFlightHtlcs = { usedMsat: () => msat(0n) };
export const keyBytes = (n: number): Uint8Array => fromHex(node(n));
