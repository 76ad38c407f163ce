import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { watch } from '../examples/watch-a-chain.ts';
import { channel, World } from './support/world.ts';

describe('the README', () => {
  test('its example watches a channel', () => {
    const world = new World('anchors');
    const monitor = watch(world.chain, world.keys, world.initial);
    const [balance] = monitor.claimableBalances(channel);
    expect(balance).toMatchObject({ value: 600_000n - 1124n - 660n, wait: { kind: 'channelOpen' } });
    world.mine(world.theirCommitment(0).raw);
    expect(monitor.monitorEvents().map(({ event }) => event.kind)).toEqual(['fundingSpent']);
  });

  test('it shows the example as it is', () => {
    const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    const lines = (text: string) => text.split('\n').map((line) => line.trim());
    const example = lines(read('../examples/watch-a-chain.ts'));
    const [, block = ''] = /```ts\n([^`]*)```/.exec(read('../README.md')) ?? [];
    expect(lines(block).length).toBeGreaterThan(8);
    for (const line of lines(block)) expect(example).toContain(line);
  });
});
