import { cpus } from 'node:os';

/** One figure. `ratio` above 1 is better than the peer, whatever the unit. */
export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer?: string;
  readonly theirs?: number;
  readonly ratio?: number;
}

export interface BenchReport {
  readonly rows: readonly BenchRow[];
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[];
}

/** A benchmark: measures, and says what it saw. */
export type Bench = () => Promise<BenchReport>;

/** A row beside a peer's figure. */
export function compared(
  name: string,
  unit: string,
  ours: number,
  peer: string,
  theirs: number,
  better: 'less' | 'more',
): BenchRow {
  const ratio = better === 'less' ? theirs / ours : ours / theirs;
  return { name, unit, ours, peer, theirs, ...(Number.isFinite(ratio) ? { ratio } : {}) };
}

const machine = (): string => {
  const cores = cpus();
  return `${cores.length} x ${cores[0]?.model ?? 'unknown'}, Node ${process.versions.node}`;
};

const figure = (value: number | undefined): string => {
  if (value === undefined) return '';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 4;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
};

/** Prints a table, or one line of JSON. */
export function print(bench: string, { rows, notes }: BenchReport, json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ bench, machine: machine(), rows, notes }));
    return;
  }
  console.log(`${bench} on ${machine()}`);
  for (const note of notes) console.log(`  ${note}`);
  const lines = [
    ['', 'unit', 'ours', 'peer', 'theirs', 'ratio'],
    ...rows.map(({ name, unit, ours, peer, theirs, ratio }) => [
      name,
      unit,
      figure(ours),
      peer ?? '',
      figure(theirs),
      figure(ratio),
    ]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  for (const line of lines) {
    console.log(line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '));
  }
}
