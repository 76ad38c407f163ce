import { expect, jest, test } from '@jest/globals';

test('the example of the README runs and finds both restarts', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  await import('../examples/kill-at-every-commit.ts');
  expect(log.mock.calls.flat()).toEqual(['a restart finds 0 channels', 'a restart finds 1 channels']);
  log.mockRestore();
});
