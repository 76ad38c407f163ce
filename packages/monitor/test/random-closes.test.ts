import type { RawTransaction } from '@boltwright/base';
import { noble as crypto } from '@boltwright/crypto';
import { buildCommitment } from '@boltwright/transactions';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { channel, formats, hashOf, type TestHtlc, World } from './support/world.ts';

/** HTLCs of one state of the channel; the payment names preimage and id. */
const someHtlcs = fc.uniqueArray(
  fc.record({
    from: fc.constantFrom('us' as const, 'them' as const),
    sat: fc.constantFrom(300n, 5_000n, 20_000n, 60_000n),
    after: fc.constantFrom(25, 26, 40),
    payment: fc.integer({ min: 1, max: 6 }),
  }),
  { maxLength: 4, selector: ({ payment }) => payment },
);

const story = fc.record({
  format: fc.constantFrom(...formats),
  history: fc.array(fc.record({ htlcs: someHtlcs, ours: fc.integer({ min: 250, max: 700 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  /** Who publishes, and which of the states. */
  closes: fc.oneof(fc.constant('us' as const), fc.nat(3)),
  /** What we can show of what they pay us, what they show of what we pay. */
  known: fc.subarray([1, 2, 3, 4, 5, 6]),
  shown: fc.subarray([1, 2, 3, 4, 5, 6]),
  restarts: fc.boolean(),
  /** Blocks between which one is reorganized away. */
  reorgEvery: fc.constantFrom(0, 3, 7),
});

test('however a channel ends, we get what the commitment on chain gives us, or all of a revoked one, less fees', () => {
  fc.assert(
    fc.property(story, ({ format, history, closes, known, shown, restarts, reorgEvery }) => {
      const world = new World(format, { restarts, feeWallet: true });
      const start = world.chain.height;
      for (const { htlcs, ours } of history) {
        world.advance(
          htlcs.map(({ after, ...htlc }): TestHtlc => ({ ...htlc, id: BigInt(htlc.payment), expiry: start + after })),
          BigInt(ours) * 1_000_000n,
        );
      }
      const latest = history.length;
      const index = closes === 'us' ? undefined : Math.min(closes, latest);
      const revoked = index !== undefined && index < latest;
      for (const payment of known) {
        if (world.htlcs.some((htlc) => htlc.payment === payment && htlc.from === 'them')) world.learn(payment);
      }
      const theirs: RawTransaction[] = [];
      if (index === undefined) {
        world.monitor.forceClose(channel, 'the story says so');
        world.settle();
        for (const payment of shown) if (isOutput(world, payment)) theirs.push(world.theirClaimOfOurs(payment));
      } else {
        world.mine(world.theirCommitment(index).raw);
        const { built } = world.theirCommitment(index);
        for (const { htlc } of built.htlcs) {
          const payment = [1, 2, 3, 4, 5, 6].find((n) => hashOf(n) === htlc.paymentHash)!;
          if (htlc.direction === 'received' && shown.includes(payment)) {
            theirs.push(world.theirHtlcTransaction(index, payment));
          }
        }
      }
      let taken = 0n;
      for (let block = 0; block < 90 && !world.isResolved(); block++) {
        if (reorgEvery > 0 && block % reorgEvery === reorgEvery - 1 && block < 12) world.chain.reorg(1);
        world.chain.mine();
        const next = theirs[0];
        if (block < 3 || next === undefined) continue;
        // What the peer can still take, it takes.
        const [input] = world.parsed(next).inputs;
        if (world.chain.spender(input!.outpoint) === undefined && world.chain.mineBlock([next]).ok) {
          taken += world.chain.transaction(input!.outpoint.txid)
            ? world.transaction(input!.outpoint.txid).outputs[input!.outpoint.vout]!.value
            : 0n;
        }
        theirs.shift();
      }
      expect(world.isResolved()).toBe(true);
      expect(world.complaints.lines).toEqual([]);

      // What the commitment on chain owes us.
      const spend = world.events.filter(({ kind }) => kind === 'fundingSpent').at(-1);
      expect(spend).toMatchObject({ spend: index === undefined ? 'holder' : revoked ? 'revoked' : 'counterparty' });
      const built =
        index === undefined
          ? buildCommitment(crypto, world.parameters, 'holder', world.holder.spec)
          : world.theirCommitment(index).built;
      let owed = 0n;
      let count = 0n;
      for (const output of built.outputs) {
        if (output.kind === 'anchor') continue;
        const oursAlone = output.kind === (index === undefined ? 'toLocal' : 'toRemote');
        if (oursAlone || revoked) owed += output.value;
        else if (output.kind === 'htlc') {
          const fromUs = output.htlc.direction === (index === undefined ? 'offered' : 'received');
          const payment = [1, 2, 3, 4, 5, 6].find((n) => hashOf(n) === output.htlc.paymentHash)!;
          if (fromUs || known.includes(payment)) owed += output.value;
        }
        count++;
      }
      // Second stages that the cheater got into a block cost him the HTLC transaction's fee, and us nothing else.
      const lost = revoked ? 0n : taken;
      const home = world.sweepAll();
      const most = owed - lost;
      expect(home).toBeLessThanOrEqual(most);
      expect(home).toBeGreaterThanOrEqual(most - 3_000n * count);

      // Every HTLC of ours has one outcome, and only one.
      const outcomes = world.events.flatMap((event) =>
        event.kind === 'htlcFulfilledOnChain' || event.kind === 'htlcTimedOutOnChain' ? [event.htlcId] : [],
      );
      const offered = world.htlcs.filter(({ from }) => from === 'us').map(({ id }) => id);
      expect([...outcomes].sort()).toEqual([...offered].sort());
    }),
    { seed: 20, numRuns: 8 },
  );
});

const isOutput = (world: World, payment: number): boolean =>
  buildCommitment(crypto, world.parameters, 'holder', world.holder.spec).htlcs.some(
    ({ htlc }) => htlc.paymentHash === hashOf(payment) && htlc.direction === 'offered',
  );
