import { msat, sat } from '@boltwright/base';
import { check, close, connect, open, outcome, pay, until, untilReachable, untilUsable, type World } from './world.ts';

/** One story: what is to be seen, and how it goes. */
export interface Story {
  readonly title: string;
  readonly tell: (world: World) => Promise<void>;
}

const million = sat(1_000_000n);

/** The closing fee is what the outputs lack; each side's balance is exact but for it, which the opener pays. */
function checkClosing(outputs: readonly bigint[], openerSat: bigint, otherSat: bigint): void {
  const sum = outputs.reduce((total, value) => total + value, 0n);
  const fee = openerSat + otherSat - sum;
  check(fee > 0n && fee < 20_000n, `the closing fee is ${fee} sat`);
  const expected = [openerSat - fee, otherSat].sort((a, b) => (a < b ? -1 : 1));
  check(
    expected.length === outputs.length && expected.every((value, index) => value === outputs[index]),
    `closing outputs ${outputs.join(', ')} are ${expected.join(', ')} sat`,
  );
}

export const stories: readonly Story[] = [
  {
    title: 'we open, pay its invoice, it pays ours, we close',
    tell: async (world) => {
      const us = await world.ours('us');
      const them = await world.theirs('them');
      await connect(us, them);
      await open(world, us, them, million);
      await pay(us, them, msat(200_000_000n));
      await pay(them, us, msat(50_000_000n));
      await pay(us, them, msat(1_234_000n));
      checkClosing(await close(world, us, them, us), 1_000_000n - 200_000n + 50_000n - 1_234n, 151_234n);
    },
  },
  {
    title: 'it opens to us, pays, is paid, it closes',
    tell: async (world) => {
      const us = await world.ours('us');
      const them = await world.theirs('them');
      await connect(them, us);
      await open(world, them, us, million);
      await pay(them, us, msat(300_000_000n));
      await pay(us, them, msat(100_000_000n));
      await pay(us, them, msat(2_500_000n));
      checkClosing(await close(world, them, us, them), 802_500n, 197_500n);
    },
  },
  {
    title: 'payments fail cleanly: refused by the payee, of an unknown hash, with too low an amount',
    tell: async (world) => {
      const us = await world.ours('us');
      const them = await world.theirs('them');
      await connect(us, them);
      await open(world, us, them, million, msat(400_000_000n));
      for (const [payer, payee] of [
        [us, them],
        [them, us],
      ] as const) {
        payee.setClaimPolicy('fail');
        const refused = await outcome(payer, payer.pay(payee.createInvoice(msat(10_000_000n), 'to be refused')));
        check(refused.kind === 'failed', `${payee.name} refuses the payment`);
        payee.setClaimPolicy('claim');
        const unknown = await outcome(payer, payer.pay(payee.createInvoiceOfUnknownHash(msat(10_000_000n))));
        check(unknown.kind === 'failed', `${payee.name} knows nothing of the hash`);
        const tooLow = await outcome(
          payer,
          payer.pay(payee.createInvoiceAskingLess(msat(10_000_000n), msat(9_000_000n))),
        );
        check(tooLow.kind === 'failed', `${payee.name} refuses too low an amount`);
        await pay(payer, payee, msat(5_000_000n));
      }
      checkClosing(await close(world, us, them, us), 600_000n, 400_000n);
    },
  },
  {
    title: 'a connection lost in the middle of a payment: after the reconnect it completes',
    tell: async (world) => {
      const us = await world.ours('us');
      const them = await world.theirs('them');
      await connect(us, them);
      await open(world, us, them, million, msat(400_000_000n));
      for (const [payer, payee] of [
        [us, them],
        [them, us],
      ] as const) {
        // held by the payee, then the line goes down, and the claim is made while it is down
        payee.setClaimPolicy('hold');
        const held = payer.pay(payee.createInvoice(msat(20_000_000n), 'held'));
        await until(`${payee.name} holds the payment`, () => payee.heldPayments().length === 1);
        payer.disconnect(payee.nodeId);
        await until(
          'both saw the line go down',
          () => !payer.isConnected(payee.nodeId) && !payee.isConnected(payer.nodeId),
        );
        payee.claimHeld();
        payee.setClaimPolicy('claim');
        check(payer.paymentOutcome(held) === undefined, 'nothing is settled without a connection');
        await connect(us, them);
        check((await outcome(payer, held)).kind === 'sent', 'the held payment completes');
        // the line goes down right after the payment was started
        const cut = payer.pay(payee.createInvoice(msat(3_000_000n), 'cut'));
        payer.disconnect(payee.nodeId);
        await until(
          'both saw the line go down',
          () => !payer.isConnected(payee.nodeId) && !payee.isConnected(payer.nodeId),
        );
        await connect(us, them);
        await untilUsable(us, them);
        await outcome(payer, cut);
        await pay(payer, payee, msat(1_000_000n));
      }
      const outputs = await close(world, us, them, us);
      check(outputs.length === 2, 'both get their part');
      const sum = outputs.reduce((total, value) => total + value, 0n);
      check(sum < 1_000_000n && sum > 980_000n, `the outputs sum up to ${sum} sat`);
    },
  },
  {
    title: 'three nodes by real onions: us, it, us',
    tell: async (world) => {
      const first = await world.ours('us-1');
      const middle = await world.theirs('them');
      const last = await world.ours('us-2');
      await connect(first, middle);
      await open(world, first, middle, million);
      await connect(middle, last);
      await open(world, middle, last, million);
      await untilReachable(first, last);
      const paid = await pay(first, last, msat(100_000_000n));
      check(paid.feePaidMsat > 0n, 'the middle node was paid for it');
      last.setClaimPolicy('fail');
      const failed = await outcome(first, first.pay(last.createInvoice(msat(50_000_000n), 'to be refused')));
      check(failed.kind === 'failed', 'the payee refuses over two hops');
      last.setClaimPolicy('claim');
      await pay(last, first, msat(10_000_000n));
    },
  },
  {
    title: 'three nodes by real onions: it, us, it',
    tell: async (world) => {
      const first = await world.theirs('them-1');
      const middle = await world.ours('us');
      const last = await world.theirs('them-2');
      await connect(first, middle);
      await open(world, first, middle, million);
      await connect(middle, last);
      await open(world, middle, last, million);
      await untilReachable(first, last);
      const paid = await pay(first, last, msat(100_000_000n));
      check(paid.feePaidMsat > 0n, 'we were paid for it');
      last.setClaimPolicy('fail');
      const failed = await outcome(first, first.pay(last.createInvoice(msat(50_000_000n), 'to be refused')));
      check(failed.kind === 'failed', 'the payee refuses over two hops');
      last.setClaimPolicy('claim');
      await pay(last, first, msat(10_000_000n));
    },
  },
];
