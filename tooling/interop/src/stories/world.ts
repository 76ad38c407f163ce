import { setTimeout as sleep } from 'node:timers/promises';
import { type Msat, msat, type RawTransaction, type Sat, sat, type Txid, txidOf, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { decodeInvoice } from '@boltwright/invoice';
import { Transaction } from 'bitcoinjs-lib';
import type { StoryChain } from '../chain/story-chain.ts';
import type { PaymentOutcome, StoryNode } from '../story-node.ts';

/** A story did not go as told. */
export class StoryFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoryFailure';
  }
}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new StoryFailure(message);
}

/** Waits, with the nodes running on, until something holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  for (let waited = 0; waited < seconds * 50; waited++) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new StoryFailure(`waited ${seconds} s in vain for: ${what}`);
}

/** What a story plays with. */
export interface World {
  readonly chain: StoryChain;
  /** A node of the kind under test, with coins in its wallet. */
  readonly ours: (name: string) => Promise<StoryNode>;
  /** A node of the other implementation. */
  readonly theirs: (name: string, options?: { readonly announce?: boolean }) => Promise<StoryNode>;
}

export async function connect(from: StoryNode, to: StoryNode): Promise<void> {
  const port = await to.listen();
  await from.connect(to.nodeId, port);
  await until(
    `${from.name} and ${to.name} are connected`,
    () => from.isConnected(to.nodeId) && to.isConnected(from.nodeId),
  );
}

const channelWith = (node: StoryNode, peer: StoryNode) =>
  node.channels().filter((channel) => channel.counterparty === peer.nodeId);

const usable = (node: StoryNode, peer: StoryNode): boolean =>
  channelWith(node, peer).some((channel) => channel.isUsable);

export async function untilUsable(a: StoryNode, b: StoryNode): Promise<void> {
  await until(`the channel of ${a.name} and ${b.name} is usable`, () => usable(a, b) && usable(b, a));
}

/** Opens, mines the funding transaction, and waits until both can use the channel. */
export async function open(
  world: World,
  from: StoryNode,
  to: StoryNode,
  value: Sat,
  push: Msat = msat(0n),
): Promise<void> {
  const before = from.broadcasts().length;
  from.openChannel(to.nodeId, value, push);
  await until(`${from.name} broadcasts the funding transaction`, () => from.broadcasts().length > before);
  await world.chain.mine(6);
  await untilUsable(from, to);
}

export async function outcome(payer: StoryNode, payment: string): Promise<PaymentOutcome> {
  await until(`${payer.name} knows what became of its payment`, () => payer.paymentOutcome(payment) !== undefined);
  const result = payer.paymentOutcome(payment);
  check(result !== undefined, 'the outcome is known');
  return result;
}

/** Until a node's invoices name the private way to it: its peer has told it the terms. */
export async function untilReachable(...nodes: readonly StoryNode[]): Promise<void> {
  for (const node of nodes) {
    await until(`${node.name} names a way to itself`, () => {
      const { routeHints } = unwrap(decodeInvoice(node.createInvoice(msat(1000n), 'a way'), { crypto: noble }));
      return routeHints.length > 0;
    });
  }
}

/** Until no HTLC is left in any channel: a payer knows of its success before the payee can spend it. */
export async function untilSettled(...nodes: readonly StoryNode[]): Promise<void> {
  await until('no HTLC is left', () =>
    nodes.every((node) => node.channels().every((channel) => channel.pendingHtlcs === 0)),
  );
}

/** Pays `amount` by a fresh invoice of the payee's, and expects it to arrive. */
export async function pay(
  payer: StoryNode,
  payee: StoryNode,
  amount: Msat,
): Promise<PaymentOutcome & { kind: 'sent' }> {
  const payment = payer.pay(payee.createInvoice(amount, `from ${payer.name} to ${payee.name}`));
  const result = await outcome(payer, payment);
  check(
    result.kind === 'sent',
    `${payer.name} paid ${payee.name} ${amount} msat: ${JSON.stringify(result.kind)} ${result.kind === 'failed' ? result.reason : ''}`,
  );
  await untilSettled(payer, payee);
  return result;
}

const lastFunding = async (world: World, opener: StoryNode): Promise<Txid> => {
  const [first] = opener.broadcasts();
  check(first !== undefined, `${opener.name} broadcast a funding transaction`);
  check((await world.chain.confirmations(first.txid)) > 0, 'the funding transaction is in a block');
  return first.txid;
};

const inputsOf = (transaction: RawTransaction): readonly Txid[] =>
  Transaction.fromBuffer(transaction.bytes).ins.map((input) => txidOf(input.hash));

/** Closes cooperatively, mines, and answers the closing transaction's outputs in satoshis, least first. */
export async function close(
  world: World,
  closer: StoryNode,
  other: StoryNode,
  opener: StoryNode,
): Promise<readonly Sat[]> {
  const funding = await lastFunding(world, opener);
  closer.closeChannel(other.nodeId);
  const closing = (): RawTransaction | undefined =>
    [...closer.broadcasts(), ...other.broadcasts()].find((transaction) => inputsOf(transaction).includes(funding));
  await until('the closing transaction is broadcast', () => closing() !== undefined);
  await until(
    'both nodes know the channel as closed',
    () => closer.closures().includes('cooperative') && other.closures().includes('cooperative'),
  );
  const transaction = closing();
  check(transaction !== undefined, 'the closing transaction is known');
  await world.chain.mine(1);
  check((await world.chain.confirmations(transaction.txid)) > 0, 'the closing transaction is mined');
  await until('no channel is left', () => channelWith(closer, other).length + channelWith(other, closer).length === 0);
  return Transaction.fromBuffer(transaction.bytes)
    .outs.map((output) => sat(BigInt(output.value)))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
