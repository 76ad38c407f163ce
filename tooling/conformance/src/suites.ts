import { bolt1 } from './bolt1.ts';
import { bolt3 } from './bolt3.ts';
import { bolt4 } from './bolt4.ts';
import { bolt5 } from './bolt5.ts';
import { bolt7 } from './bolt7.ts';
import { bolt8 } from './bolt8.ts';
import { bolt9 } from './bolt9.ts';
import { bolt11 } from './bolt11.ts';
import type { Suite } from './suite.ts';

const notDone = (bolt: number, file: string, count: number, reason: string): Suite => ({
  bolt,
  file,
  published: count,
  vectors: [],
  notDone: { count, reason },
});

/** Every vector file of the specifications, those that nothing here runs too. */
export const suites = (): Suite[] => [
  ...bolt1(),
  notDone(2, 'bolt02-interactive-tx', 2, 'interactive transactions: messages only, no state machine'),
  notDone(2, 'bolt02-splicing', 11, 'splicing: messages only, no state machine'),
  ...bolt3(),
  ...bolt4(),
  ...bolt5(),
  ...bolt7(),
  ...bolt8(),
  ...bolt9(),
  notDone(10, 'bolt10-dns-seed', 7, 'no DNS bootstrap'),
  ...bolt11(),
  notDone(12, 'bolt12-format-string', 12, 'no offers'),
  notDone(12, 'bolt12-offers', 53, 'no offers'),
  notDone(12, 'bolt12-signature', 4, 'no offers'),
];
