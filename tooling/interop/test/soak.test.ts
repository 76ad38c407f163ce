import { describe, expect, test } from '@jest/globals';
import { planOf } from '../src/soak/commands.ts';
import { shrink } from '../src/soak/shrink.ts';
import { soak } from '../src/soak/soak-run.ts';

describe('a soak with a real LDK node: commands at random, and our process dies now and then', () => {
  test.each([4, 7, 8])('seed %i', async (seed) => {
    const { sent } = await soak(planOf(seed));
    expect(sent).toBeGreaterThan(0);
  });

  test('a seed is one run, and another seed another', () => {
    expect(planOf(5)).toEqual(planOf(5));
    expect(planOf(5).commands).not.toEqual(planOf(7).commands);
  });

  test('shortening keeps what fails', async () => {
    const plan = planOf(6);
    const fails = async ({ commands }: typeof plan): Promise<boolean> =>
      commands.some(({ kind }) => kind === 'kill') && commands.some(({ kind }) => kind === 'mine' || kind === 'pay');
    const { commands } = await shrink(plan, fails, 1000);
    expect(commands.map(({ kind }) => kind)).toHaveLength(2);
    expect(await fails({ ...plan, commands })).toBe(true);
  });
});
