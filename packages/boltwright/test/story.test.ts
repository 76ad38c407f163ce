import { describe, expect, jest, test } from '@jest/globals';
import { figures, TwoNodes } from '../src/story/two-nodes.ts';

// Intervals never fire here: a story that needs one to go on would take ten seconds a step for its user.
jest.useFakeTimers({
  doNotFake: [
    'setTimeout',
    'clearTimeout',
    'setImmediate',
    'clearImmediate',
    'nextTick',
    'performance',
    'Date',
    'hrtime',
    'queueMicrotask',
  ],
});

describe('the story that npm start tells', () => {
  test('two nodes open a channel over TCP, pay both ways and close: every balance is right', async () => {
    const story = new TwoNodes();
    try {
      await story.start();
      story.fund();
      await story.connect();
      await story.open();
      await story.confirm();
      for (const amount of figures.payments) await story.pay(amount);
      await story.close();
      await story.mineClose();
      const summary = story.summary();
      expect(summary).toMatchObject({ correct: true, payments: figures.payments.length });
      expect(summary.alice.found + summary.bob.found + summary.fundingFee + summary.closingFee).toBe(
        2n * figures.coins,
      );
      expect(summary.bob.found - figures.coins).toBe(figures.payments.reduce((sum, amount) => sum + amount, 0n));
    } finally {
      await story.stop();
    }
  });

  test('a payment that was not made makes the summary wrong', async () => {
    const story = new TwoNodes();
    try {
      await story.start();
      story.fund();
      await story.connect();
      await story.open();
      await story.confirm();
      for (const amount of figures.payments.filter((_, index) => index !== 3)) await story.pay(amount);
      await story.close();
      await story.mineClose();
      expect(story.summary().correct).toBe(false);
    } finally {
      await story.stop();
    }
  });
});
