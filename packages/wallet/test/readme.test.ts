import { expect, jest, test } from '@jest/globals';

test('the example of the README runs', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  await import('../examples/fund-a-channel.ts');
  expect(log.mock.calls.flat()).toEqual(['399390 sat are left']);
  log.mockRestore();
});
