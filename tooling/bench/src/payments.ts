import { median, timed } from './alternate.ts';
import { fastest } from './backends.ts';
import { LdkNetwork } from './ldk-network.ts';
import { OurNetwork } from './payments/our-network.ts';
import { ldk } from './peers.ts';
import { type Bench, type BenchRow, compared } from './report.ts';

const name = 'lightningdevkit';

interface Load {
  readonly inFlight: number;
  /** Turns of ours in a round; LDK gets one. */
  readonly turns: number;
  readonly rounds: number;
}

const loads: readonly Load[] = [
  { inFlight: 1, turns: 10, rounds: 7 },
  { inFlight: 100, turns: 1, rounds: 3 },
];

function race(hops: number, anchors: boolean, notes: string[]): BenchRow[] {
  const way = `${hops === 1 ? 'direct' : `${hops} hops`}, ${anchors ? 'anchors' : 'static_remotekey'}`;
  const ours = new OurNetwork(fastest, hops, anchors);
  const theirs = new LdkNetwork(hops, anchors);
  for (let i = 0; i < 30; i++) ours.prepare(1)();
  for (let i = 0; i < 3; i++) theirs.run(1);
  const rows: BenchRow[] = [];
  let sequential = 0;
  for (const { inFlight, turns, rounds } of loads) {
    const own: number[] = [];
    const ldks: number[] = [];
    ours.prepare(inFlight)();
    for (let round = 0; round < rounds; round++) {
      let time = 0;
      for (let i = 0; i < turns; i++) time += timed(ours.prepare(inFlight));
      own.push(time / turns);
      ldks.push(timed(() => theirs.run(inFlight)));
    }
    const rate = (1000 * inFlight) / median(own);
    const theirRate = (1000 * inFlight) / median(ldks);
    if (inFlight === 1) sequential = theirRate;
    const load = `${way}, ${inFlight === 1 ? 'one at a time' : `${inFlight} at once`}`;
    const work = ours.prepare(inFlight);
    const { commits, bytes, byKind } = ours.written(work);
    rows.push(
      compared(load, 'payments/s', rate, name, theirRate, 'more'),
      compared(`${load}, to LDK one at a time`, 'payments/s', rate, name, sequential, 'more'),
      { name: `${load}, commits a payment, all nodes`, unit: 'commits', ours: commits / inFlight },
      { name: `${load}, written a payment, all nodes`, unit: 'bytes', ours: bytes / inFlight },
    );
    if (inFlight === 1) notes.push(`${load}, bytes by record: ${byKind.map((pair) => pair.join(' ')).join(', ')}`);
  }
  return rows;
}

/** Payments of 10,000 sat through whole nodes in one process. */
export const bench: Bench = async () => {
  await ldk();
  const notes = [
    'Ours: manager, monitor and store in memory, the invoice read and its signature checked, messages encoded; no transport.',
    'LDK: manager and monitor, no invoice, nothing stored, with transport encryption, no sockets. Routes are given to both.',
    'At once: sent in one turn, claimed in one turn. Turns that wait are committed together. Each turn goes the other way.',
  ];
  const rows = [...[false, true].flatMap((anchors) => race(1, anchors, notes)), ...race(3, true, notes)];
  return { rows, notes };
};
