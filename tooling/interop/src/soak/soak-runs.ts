import { describeCommand, type Plan, planOf } from './commands.ts';
import { shrink } from './shrink.ts';
import { soak } from './soak-run.ts';

export interface SoakOptions {
  readonly runs: number;
  /** Of the first run; the next ones follow it. */
  readonly seed: number;
  readonly say: (line: string) => void;
  readonly log?: (line: string) => void;
}

const shrinkMilliseconds = 60_000;

const messageOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

function describePlan(plan: Plan): string {
  const channels = plan.channels.map(
    ({ opener, capacity, push }) => `${opener} opens ${capacity} sat, pushes ${push} msat`,
  );
  const lines = [...channels, `feerate ${plan.feeratePerKw}`, ...plan.commands.map(describeCommand)];
  return lines.map((line) => `        ${line}`).join('\n');
}

/** Plays run after run; a failing one is told with its seed and its commands, shortened where that works. */
export async function soakRuns({ runs, seed, say, log }: SoakOptions): Promise<{ passed: number; failed: number }> {
  let passed = 0;
  for (let run = 0; run < runs; run++) {
    const plan = planOf(seed + run);
    const title = `soak ${plan.seed} (${plan.anchors ? 'anchors' : 'static_remotekey'}, ${plan.channels.length} channels)`;
    try {
      const { sent, failed, kills, seconds } = await soak(plan, log);
      passed++;
      say(`ok    ${title}: ${sent} paid, ${failed} failed, ${kills} kills, ${seconds.toFixed(1)} s`);
    } catch (error) {
      say(`FAIL  ${title}: ${messageOf(error)}`);
      let last = '';
      const fails = async (candidate: Plan): Promise<boolean> => {
        try {
          await soak(candidate);
          return false;
        } catch (failure) {
          last = failure instanceof Error ? failure.message : String(failure);
          return true;
        }
      };
      const shorter = await shrink(plan, fails, shrinkMilliseconds);
      say(
        `      npm run interop -- ldk --soak 1 --seed ${plan.seed}; shortened (${last || 'not again'}) to\n${describePlan(shorter)}`,
      );
    }
  }
  return { passed, failed: runs - passed };
}
