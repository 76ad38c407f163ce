import type { NodeId } from '@boltwright/base';
import type { Path, Route } from '@boltwright/interfaces';
import fc from 'fast-check';
import { exactForwardingFee, type NetworkGraph } from '../src/index.ts';
import { node, type parameters, type TestChannel } from './make-graph.ts';

const feeOf = ({ hops }: Path): bigint => hops.slice(0, -1).reduce((sum, { feeMsat }) => sum + feeMsat, 0n);
/** What the nodes on the way of all parts get. */
export const feesOf = ({ paths }: Route): bigint => paths.reduce((sum, path) => sum + feeOf(path), 0n);

/** Checks a route against what the graph says, by rules written apart from the search: each node's terms are met. */
export function problemWith(graph: NetworkGraph, { paths }: Route, wanted: ReturnType<typeof parameters>, payer = 1) {
  const carried = new Map<string, bigint>();
  let delivered = 0n;
  for (const { hops } of paths) {
    let amount: bigint = hops.reduce((sum, { feeMsat }) => sum + feeMsat, 0n);
    let from: NodeId = node(payer);
    let required = 0n;
    if (hops.reduce((sum, { cltvExpiryDelta }) => sum + cltvExpiryDelta, 0) > wanted.maxTotalCltvDelta) return 'lock';
    for (const [i, hop] of hops.entries()) {
      const channel = graph.channel(hop.shortChannelId);
      if (channel === undefined) return 'an unknown channel';
      const forward = channel.nodeId1 === from;
      if ((forward ? channel.nodeId2 : channel.nodeId1) !== hop.nodeId) return 'a torn path';
      const policy = forward ? channel.policy1 : channel.policy2;
      if (policy === undefined || policy.disabled) return 'a disabled direction';
      if (amount < policy.htlcMinimumMsat || amount > policy.htlcMaximumMsat) return 'an amount outside the limits';
      if (i > 0) {
        required = exactForwardingFee(policy.feeBaseMsat, policy.feeProportionalMillionths, amount);
        if (hops[i - 1]!.feeMsat < required) return 'too low a fee';
        if (hops[i - 1]!.cltvExpiryDelta < policy.cltvExpiryDelta) return 'too low a delta';
      }
      const key = `${hop.shortChannelId}/${forward}`;
      carried.set(key, (carried.get(key) ?? 0n) + amount);
      if (channel.capacitySat !== undefined && carried.get(key)! > channel.capacitySat * 1000n) return 'too much';
      amount -= hop.feeMsat;
      from = hop.nodeId;
    }
    if (from !== wanted.payee) return 'another payee';
    delivered += hops.at(-1)!.feeMsat;
  }
  if (delivered !== wanted.amountMsat) return `${delivered} delivered`;
  return feesOf({ paths }) > wanted.maxFeeMsat ? 'too high fees' : undefined;
}

const terms = fc.option(
  fc.record({
    base: fc.integer({ min: 0, max: 5000 }),
    ppm: fc.integer({ min: 0, max: 20_000 }),
    cltv: fc.integer({ min: 1, max: 200 }),
    max: fc.integer({ min: 1, max: 5_000_000 }),
    disabled: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  }),
  { nil: undefined, freq: 5 },
);
/** Channels between up to seven nodes, of 5000 sat each. */
export const anyChannels: fc.Arbitrary<TestChannel[]> = fc
  .array(
    fc.record({ a: fc.integer({ min: 1, max: 7 }), b: fc.integer({ min: 1, max: 7 }), there: terms, back: terms }),
    {
      minLength: 4,
      maxLength: 14,
    },
  )
  .map((list) =>
    list.flatMap(({ a, b, there, back }, i) => {
      if (a === b) return [];
      const ends = a < b ? { a, b } : { a: b, b: a };
      const known = { ...(there === undefined ? {} : { there }), ...(back === undefined ? {} : { back }) };
      return [{ id: i + 1, ...ends, capacity: 5000, ...known }];
    }),
  );
