import type { Command, Plan } from './commands.ts';

/**
 * A shorter plan that fails, too: drops ever smaller pieces of the list of commands. Sockets keep their own time, so a
 * failure that depends on it may not come again, and then less is dropped.
 *
 * @param fails - plays a plan.
 * @param milliseconds - how long to try.
 */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>, milliseconds: number): Promise<Plan> {
  const end = performance.now() + milliseconds;
  let commands: readonly Command[] = plan.commands;
  for (let piece = Math.ceil(commands.length / 2); piece >= 1; piece = piece === 1 ? 0 : Math.ceil(piece / 2)) {
    for (let from = 0; from < commands.length; ) {
      if (performance.now() > end) return { ...plan, commands };
      const fewer = commands.filter((_, index) => index < from || index >= from + piece);
      if (await fails({ ...plan, commands: fewer })) commands = fewer;
      else from += piece;
    }
  }
  return { ...plan, commands };
}
