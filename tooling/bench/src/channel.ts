import { alternate, median, ratioOf } from './alternate.ts';
import { fastest } from './backends.ts';
import { CountedBackend } from './channel/counted-backend.ts';
import { OurPair } from './channel/our-pair.ts';
import { LdkNetwork } from './ldk-network.ts';
import { ldk } from './peers.ts';
import { type Bench, type BenchRow, compared } from './report.ts';

/** Payments in flight, how many turns of ours last long enough to time, and rounds. */
const loads = [
  { inFlight: 1, turns: 10, rounds: 7 },
  { inFlight: 10, turns: 4, rounds: 3 },
  { inFlight: 100, turns: 1, rounds: 3 },
  { inFlight: 483, turns: 1, rounds: 1 },
] as const;

const name = 'lightningdevkit';

function race(anchors: boolean, notes: string[]): BenchRow[] {
  const format = anchors ? 'anchors' : 'static_remotekey';
  const counted = new CountedBackend(fastest);
  const [ours, counting, theirs] = [
    new OurPair(fastest, anchors),
    new OurPair(counted.backend, anchors),
    new LdkNetwork(1, anchors),
  ];
  for (let i = 0; i < 60; i++) ours.run(1);
  for (let i = 0; i < 4; i++) theirs.run(1);
  const rows: BenchRow[] = [];
  let sequential = 0;
  for (const { inFlight, turns, rounds } of loads) {
    const payments = inFlight * turns;
    const calls = counted.count(() => {
      for (let i = 0; i < turns; i++) counting.run(inFlight);
    });
    const run = (): void => {
      for (let i = 0; i < turns; i++) ours.run(inFlight);
    };
    run();
    calls.replay();
    const [own, replayed, ldks] = alternate(rounds, [run, calls.replay, () => theirs.run(inFlight)]);
    const rate = (1000 * payments) / median(own!.wall);
    const theirRate = (1000 * inFlight) / median(ldks!.wall);
    if (inFlight === 1) sequential = theirRate;
    const load = `${format}, ${inFlight} in flight`;
    rows.push(
      compared(load, 'payments/s', rate, name, theirRate, 'more'),
      compared(`${load}, to LDK one at a time`, 'payments/s', rate, name, sequential, 'more'),
      { name: `${load}, time to that of the backend's calls`, unit: 'x', ours: ratioOf(own!.cpu, replayed!.cpu) },
      { name: `${load}, share of the time in the backend`, unit: '%', ours: 100 * ratioOf(replayed!.cpu, own!.cpu) },
      { name: `${load}, calls of the backend a payment`, unit: 'calls', ours: calls.count / payments },
    );
    if (inFlight === 1) {
      const kinds = calls.byMethod.map(([method, count]) => `${method} ${(count / payments).toFixed(1)}`);
      notes.push(`${format}, calls for one payment, both ends: ${kinds.join(', ')}`);
    }
  }
  return rows;
}

/** HTLCs of 10,000 sat added and fulfilled through one pair of channels, both ends in this process. */
export const bench: Bench = async () => {
  await ldk();
  const notes = [
    'N in flight: N added in one turn, fulfilled in one turn; rates count both ends. Each turn goes the other way.',
    'Ours: two state machines, signers in memory, messages encoded and decoded; no onion, nothing stored, no transport.',
    'LDK: two whole nodes, a given route, with onions and transport encryption, nothing stored, no sockets.',
    'The backend’s calls: those of the same load, with the same arguments, made again with nothing between them; CPU time of both.',
  ];
  return { rows: [false, true].flatMap((anchors) => race(anchors, notes)), notes };
};
