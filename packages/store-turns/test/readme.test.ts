import { expect, jest, test } from '@jest/globals';

test('the example of the README runs', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  await import('../examples/first-turn.ts');
  expect(log.mock.calls.flat()).toEqual(['one batch of 2', 'turn 1 is durable']);
  log.mockRestore();
});
