import { expect, jest, test } from '@jest/globals';

test('the example of the README runs', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  await import('../examples/confirm-and-reorg.ts');
  expect(log.mock.calls.flat()).toEqual([
    '1 confirmation at height 102',
    '50000 sat can be spent',
    '0 confirmations at height 103',
    '1 confirmation at height 104',
  ]);
  log.mockRestore();
});
