import { nodeBackend } from '@boltwright/crypto-node';
import { createWasmBackend } from '@boltwright/crypto-wasm';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { channelRun, RunFailure, type RunOptions, type RunSummary, stepsUpTo } from './channel-run.ts';
import { shrink } from './shrink.ts';

export interface ChannelSimulation {
  /** Of the first run; the next ones count up. */
  readonly seed: number;
  readonly runs: number;
  readonly steps: number;
  readonly say: (line: string) => void;
}

/** Every so many runs are made with real signatures and every transaction's scripts. */
const realEvery = 100;
/** Seconds between two lines of progress. */
const pause = 10;

/** Random lives of channels, one seed each. @returns how many failed. */
export function simulateChannel({ seed: first, runs, steps, say }: ChannelSimulation): number {
  const sim = createSimCrypto({ iKnowThisIsNotCryptography: true });
  const real = nodeBackend(createWasmBackend());
  const total = { offered: 0, fulfilled: 0, failed: 0, reconnects: 0, transactions: 0 };
  let failures = 0;
  let told = Date.now();
  for (let done = 0; done < runs; done++) {
    const seed = first + done;
    const isReal = seed % realEvery === 0;
    const options: RunOptions = {
      seed,
      steps: stepsUpTo(steps),
      crypto: isReal ? real : sim,
      lateSigners: seed % 2 === 0,
      checksScripts: isReal,
    };
    try {
      const summary = channelRun(options);
      for (const key of Object.keys(total) as (keyof RunSummary)[]) total[key] += summary[key];
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error;
      failures++;
      explain(options, error, say);
    }
    if (Date.now() - told < pause * 1000) continue;
    told = Date.now();
    say(`${done + 1} of ${runs} runs, ${failures} failed`);
  }
  const { offered, fulfilled, failed, reconnects, transactions } = total;
  say(`${offered} HTLCs offered, ${fulfilled} times fulfilled, ${failed} failed; ${reconnects} reconnects`);
  say(`${transactions} transactions with real signatures in the script interpreter`);
  return failures;
}

/** The failure of a run, or undefined where it holds. */
function failureOf(options: RunOptions): RunFailure | undefined {
  try {
    channelRun(options);
    return undefined;
  } catch (error) {
    if (error instanceof RunFailure) return error;
    throw error;
  }
}

function explain(options: RunOptions, failure: RunFailure, say: (line: string) => void): void {
  const fails = (steps: readonly number[]): boolean => failureOf({ ...options, steps }) !== undefined;
  const steps = shrink(options.steps, fails, 500);
  const shortest = failureOf({ ...options, steps }) ?? failure;
  say(`FAILED ${failure.message}`);
  if (failure.message !== shortest.message) say(`shortened: ${shortest.message}`);
  say(`again: npm run simulate -- channel --seed ${options.seed} --runs 1 --steps ${options.steps.length}`);
  say(`the shortest script found (${steps.length} of ${options.steps.length} steps: ${steps.join(' ') || 'none'}):`);
  for (const line of shortest.log) say(`  ${line}`);
}
