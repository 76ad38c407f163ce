import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { msat, type RawTransaction, sat, type Txid, txidOf, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { decodeInvoice } from '@boltwright/invoice';
import { Transaction } from 'bitcoinjs-lib';
import { EmbeddedChain } from '../chain/embedded-chain.ts';
import type { LdkNode } from '../ldk/ldk-node.ts';
import { startLdkNode } from '../ldk/start-ldk-node.ts';
import { check, StoryFailure, until } from '../stories/world.ts';
import type { ClaimPolicy } from '../story-node.ts';
import { type Command, describeCommand, type Plan, type Side } from './commands.ts';
import { KillableNode } from './killable-node.ts';

/** What came of a run that passed. */
export interface Soaked {
  readonly sent: number;
  readonly failed: number;
  readonly kills: number;
  readonly seconds: number;
}

interface Asked {
  readonly payer: Side;
  readonly payment: string;
  readonly hash: string;
  readonly amount: bigint;
  readonly policy: ClaimPolicy | 'unknown';
  readonly claimInTheEnd: boolean;
}

/** With more blocks an HTLC that is held would come near its expiry, and going on chain would be right. */
const blocksBetweenSettling = 4;
const coins = sat(20_000_000n);

/**
 * Plays one plan with fresh nodes on a chain of its own.
 *
 * @throws StoryFailure where something does not hold.
 */
export async function soak(plan: Plan, log?: (line: string) => void): Promise<Soaked> {
  const began = performance.now();
  const run = await SoakRun.start(plan, log);
  try {
    await run.play();
    return { ...run.counts(), seconds: (performance.now() - began) / 1000 };
  } finally {
    await run.stop();
  }
}

class SoakRun {
  readonly #plan: Plan;
  readonly #chain: EmbeddedChain;
  readonly #us: KillableNode;
  readonly #them: LdkNode;
  readonly #log: ((line: string) => void) | undefined;
  readonly #asked: Asked[] = [];
  readonly #policies = new Map<string, ClaimPolicy>();
  #blocks = 0;
  #kills = 0;

  private constructor(
    plan: Plan,
    chain: EmbeddedChain,
    us: KillableNode,
    them: LdkNode,
    log: ((line: string) => void) | undefined,
  ) {
    this.#plan = plan;
    this.#chain = chain;
    this.#us = us;
    this.#them = them;
    this.#log = log;
    const policy = (hash: string): ClaimPolicy => this.#policies.get(hash) ?? 'fail';
    us.setClaimPolicy(policy);
    them.setClaimPolicy(policy);
  }

  static async start(plan: Plan, log?: (line: string) => void): Promise<SoakRun> {
    const chain = new EmbeddedChain();
    chain.setFeerate(plan.feeratePerKw);
    const logging = log === undefined ? {} : { log };
    const { anchors, seed } = plan;
    const us = await KillableNode.start(chain, { name: `us ${seed}`, anchors, coins, ...logging });
    const them = await startLdkNode(chain, { name: `them ${seed}`, anchors, coins, ...logging });
    return new SoakRun(plan, chain, us, them, log);
  }

  async play(): Promise<void> {
    await this.#connect('us');
    await until('both are connected', () => this.#isConnected());
    for (const channel of this.#plan.channels) await this.#open(channel);
    for (const command of this.#plan.commands) {
      this.#log?.(`>>> ${describeCommand(command)}`);
      await this.#perform(command);
      await this.#pause(command.pause);
      this.#checkNothingClosed();
    }
    await this.#settle();
    await this.#checkAll();
    for (const { payer, payment, policy } of this.#asked) {
      const outcome = this.#node(payer).paymentOutcome(payment);
      if (outcome?.kind === 'failed')
        this.#log?.(`>>> ${payer} failed to pay one who does '${policy}': ${outcome.reason}`);
    }
    await this.#close();
  }

  counts(): { readonly sent: number; readonly failed: number; readonly kills: number } {
    const sent = this.#asked.filter(
      ({ payer, payment }) => this.#node(payer).paymentOutcome(payment)?.kind === 'sent',
    ).length;
    return { sent, failed: this.#asked.length - sent, kills: this.#kills };
  }

  async stop(): Promise<void> {
    await this.#us.stop();
    await this.#them.stop();
  }

  #node(side: Side): KillableNode | LdkNode {
    return side === 'us' ? this.#us : this.#them;
  }

  #other(side: Side): KillableNode | LdkNode {
    return side === 'us' ? this.#them : this.#us;
  }

  async #open({ opener, capacity, push, killWhileOpening }: Plan['channels'][number]): Promise<void> {
    const from = this.#node(opener);
    const before = from.broadcasts().length;
    const usable = this.#us.channels().length + 1;
    from.openChannel(this.#other(opener).nodeId, capacity, push);
    await until('the funding transaction', () => from.broadcasts().length > before);
    if (killWhileOpening) this.#us.holdCommits();
    await this.#chain.mine(6);
    if (killWhileOpening) await this.#killAndConnect(1);
    await until('the channel is usable', () =>
      [this.#us, this.#them].every((node) => node.channels().filter(({ isUsable }) => isUsable).length === usable),
    );
  }

  // ---- commands -----------------------------------------------------------------------------------------------

  async #perform(command: Command): Promise<void> {
    switch (command.kind) {
      case 'pay':
        return this.#pay(command);
      case 'resolve': {
        const [first] = this.#node(command.payee).heldPayments();
        if (first !== undefined) this.#node(command.payee).resolveHeld(first, command.claim);
        return;
      }
      case 'mine':
        if (this.#blocks + command.blocks > blocksBetweenSettling) await this.#settle();
        this.#blocks += command.blocks;
        return this.#chain.mine(command.blocks);
      case 'feerate':
        this.#chain.setFeerate(command.feeratePerKw);
        return;
      case 'tick':
        this.#node(command.side).timerTick();
        return;
      case 'disconnect':
        this.#node(command.side).disconnect(this.#other(command.side).nodeId);
        return;
      case 'connect':
        await this.#connect(command.side);
        for (let waited = 0; command.wait && waited < 100 && !this.#isUsable(); waited++) await sleep(5);
        return;
      case 'holdCommits':
        this.#us.holdCommits();
        return;
      case 'releaseCommits':
        this.#us.releaseCommits(command.count);
        return;
      case 'kill':
        this.#kills += 1;
        if (command.theyNoticeFirst) this.#them.disconnect(this.#us.nodeId);
        return this.#us.kill(command.durable);
      case 'settle':
        return this.#settle();
    }
  }

  async #pay({ payer, payee, claimInTheEnd, ...asked }: Extract<Command, { kind: 'pay' }>): Promise<void> {
    const limit = asked.atLimit ? this.#node(payer).sendLimitMsat() : 0n;
    const amount = limit > 0n ? msat(limit) : asked.amount;
    const receiver = this.#other(payer);
    const invoice =
      payee === 'unknown'
        ? receiver.createInvoiceOfUnknownHash(amount)
        : receiver.createInvoice(amount, `from ${payer}, ${payee}`);
    const hash = unwrap(decodeInvoice(invoice, { crypto: noble })).paymentHash;
    if (payee !== 'unknown') this.#policies.set(hash, payee);
    const payment = this.#node(payer).pay(invoice);
    this.#asked.push({ payer, payment, hash, amount, policy: payee, claimInTheEnd });
  }

  /** Begins to connect, and waits for nothing but the socket. */
  async #connect(side: Side): Promise<void> {
    const [from, to] = [this.#node(side), this.#other(side)];
    if (from.isConnected(to.nodeId) || to.isConnected(from.nodeId)) return;
    const connected = from.connect(to.nodeId, await to.listen());
    // what becomes of it, the commands that follow will see
    connected.catch((error: unknown) => this.#log?.(`connecting: ${String(error)}`));
  }

  async #killAndConnect(durable: number): Promise<void> {
    this.#kills += 1;
    await this.#us.kill(durable);
    await this.#connect('us');
  }

  #isUsable(): boolean {
    return [this.#us, this.#them].every((node) => node.channels().every(({ isUsable }) => isUsable));
  }

  async #pause(pause: Command['pause']): Promise<void> {
    if ('milliseconds' in pause) return sleep(pause.milliseconds);
    for (let turns = 0; turns < pause.turns; turns++) await turn();
  }

  /** Connects, decides what is held, and waits until nothing is under way. */
  async #settle(): Promise<void> {
    this.#us.releaseCommits();
    for (const side of ['us', 'them'] as const) {
      // those still to come are decided at once
      for (const asked of this.#asked) {
        if (asked.policy === 'hold') this.#policies.set(asked.hash, asked.claimInTheEnd ? 'claim' : 'fail');
      }
      const node = this.#node(side);
      for (const hash of node.heldPayments()) {
        node.resolveHeld(hash, this.#asked.find((asked) => asked.hash === hash)?.claimInTheEnd ?? false);
      }
    }
    const began = performance.now();
    let nextConnect = 0;
    let nextTick = 1500;
    while (!this.#isQuiet()) {
      this.#checkNothingClosed();
      const waited = performance.now() - began;
      check(waited < 15_000, `after 15 s there is still under way: ${this.#underWay().join('; ')}`);
      if (waited > nextConnect && !this.#isConnected()) {
        await this.#connect(Math.floor(waited) % 2 === 0 ? 'us' : 'them');
        nextConnect = waited + 300;
      }
      if (waited > nextTick) {
        nextTick = waited + 1500;
        this.#us.timerTick();
        this.#them.timerTick();
      }
      await sleep(5);
    }
    this.#blocks = 0;
  }

  #isConnected(): boolean {
    return this.#us.isConnected(this.#them.nodeId) && this.#them.isConnected(this.#us.nodeId);
  }

  #isQuiet(): boolean {
    return this.#underWay().length === 0;
  }

  #underWay(): readonly string[] {
    const found: string[] = [];
    if (!this.#isConnected()) found.push('not connected');
    for (const { payer, payment, amount, hash, policy } of this.#asked) {
      if (this.#node(payer).paymentOutcome(payment) === undefined) {
        found.push(`${payer} pays ${amount} msat, hash ${hash}, payee ${policy}`);
      }
    }
    for (const side of ['us', 'them'] as const) {
      for (const { pendingHtlcs, isUsable } of this.#node(side).channels()) {
        if (pendingHtlcs > 0 || !isUsable) found.push(`${side}: ${pendingHtlcs} HTLCs, usable: ${isUsable}`);
      }
    }
    return found;
  }

  // ---- what must hold -----------------------------------------------------------------------------------------

  #checkNothingClosed(): void {
    for (const side of ['us', 'them'] as const) {
      const closures = this.#node(side).closures();
      check(closures.length === 0, `${side} saw a channel close: ${closures.join(', ')}`);
    }
    check(this.#us.problems.length === 0, this.#us.problems.join('; '));
  }

  async #checkAll(): Promise<void> {
    this.#checkNothingClosed();
    for (const asked of this.#asked) await this.#checkPayment(asked);
    const ours = this.#us.balances();
    const theirs = this.#them.balances();
    let sum = 0n;
    check(ours.size === this.#plan.channels.length, `we have ${ours.size} channels`);
    const capacities = new Map(this.#fundings().map(({ txid }, index) => [txid, this.#plan.channels[index]?.capacity]));
    for (const [txid, own] of ours) {
      const their = theirs.get(txid);
      const capacity = capacities.get(txid);
      check(capacity !== undefined && their !== undefined, `channel ${txid} is known to both`);
      check(own + their === capacity * 1000n, `channel ${txid}: ${own} and ${their} msat are not ${capacity} sat`);
      sum += own;
    }
    const expected = this.#expectedBalance();
    check(sum === expected, `we have ${sum} msat, the payments say ${expected}`);
    await this.#checkRefusals();
  }

  /** The outcome that the payer saw is the payee's. */
  async #checkPayment({ payer, payment, hash, amount, policy }: Asked): Promise<void> {
    const outcome = this.#node(payer).paymentOutcome(payment);
    const claimed = this.#other(payer).claimedPayments();
    const name = `the payment of ${amount} msat by ${payer} to one who does '${policy}', ${hash}`;
    check(outcome !== undefined, `${name} has an outcome`);
    if (outcome.kind === 'sent') {
      check(policy === 'claim' || policy === 'hold', `${name} was sent`);
      await until(`${name} is known to be claimed`, () => claimed.has(hash), 5);
      check(claimed.get(hash) === amount, `${name} brought ${claimed.get(hash)} msat`);
      check(outcome.feePaidMsat === 0n, `${name} cost ${outcome.feePaidMsat} msat`);
    } else {
      check(!claimed.has(hash), `${name} failed for its payer (${outcome.reason}), and its payee claimed it`);
    }
  }

  #expectedBalance(): bigint {
    const pushed = this.#plan.channels.reduce(
      (sum, { opener, capacity, push }) => sum + (opener === 'us' ? capacity * 1000n - push : push),
      0n,
    );
    return this.#asked
      .filter(({ payer, payment }) => this.#node(payer).paymentOutcome(payment)?.kind === 'sent')
      .reduce((sum, { payer, amount }) => sum + (payer === 'us' ? -amount : amount), pushed);
  }

  async #checkRefusals(): Promise<void> {
    const all = await this.#chain.refusals();
    // LDK tries its commitment where the close was mined before it knew: only what is ours counts then
    const ours = new Set(this.#us.broadcasts().map(({ txid }) => txid));
    const refused = this.#plan.killWhileClosing === undefined ? all : all.filter(({ txid }) => ours.has(txid));
    check(refused.length === 0, `refused: ${refused.map(({ txid, reason }) => `${txid}: ${reason}`).join('; ')}`);
  }

  /** In the order of the plan. */
  #fundings(): readonly RawTransaction[] {
    const next = { us: 0, them: 0 };
    return this.#plan.channels.map(({ opener }) => {
      const funding = this.#node(opener).broadcasts()[next[opener]++];
      if (funding === undefined) throw new StoryFailure(`${opener} broadcast no funding transaction`);
      return funding;
    });
  }

  /** The cooperative close; each side gets its balance, the opener less the fee. */
  async #close(): Promise<void> {
    const ours = this.#us.balances();
    const fundings = this.#fundings();
    this.#node(this.#plan.closer).closeChannel(this.#other(this.#plan.closer).nodeId);
    const closing = (funding: Txid): RawTransaction | undefined =>
      [...this.#us.broadcasts(), ...this.#them.broadcasts()].find(
        ({ txid, bytes }) =>
          // a second channel may be funded by the change of the first
          fundings.every((other) => other.txid !== txid) &&
          Transaction.fromBuffer(bytes).ins.some((input) => txidOf(input.hash) === funding),
      );
    const { killWhileClosing, closer } = this.#plan;
    if (killWhileClosing !== undefined) {
      await this.#pause({ turns: killWhileClosing });
      this.#kills += 1;
      await this.#us.kill(killWhileClosing % 2);
      // Where LDK has the closing transaction it has forgotten the channel, and would only say so.
      await this.#chain.mine(1);
      await this.#connect('us');
      if (closer === 'us') this.#us.closeChannel(this.#them.nodeId);
    }
    await until('every channel is closed', () =>
      [this.#us, this.#them].every((node) => node.closures().length === this.#plan.channels.length),
    );
    for (const side of ['us', 'them'] as const) {
      const closures = this.#node(side).closures();
      // LDK says the second of a closing transaction that is mined before our last closing_signed has reached it
      const right =
        side === 'them' && killWhileClosing !== undefined ? ['cooperative', 'commitmentConfirmed'] : ['cooperative'];
      check(
        closures.every((reason) => right.includes(reason)),
        `${side} saw closings: ${closures.join(', ')}`,
      );
    }
    for (const [index, { opener, capacity }] of this.#plan.channels.entries()) {
      const funding = fundings[index]?.txid;
      const own = funding === undefined ? undefined : ours.get(funding);
      const transaction = funding === undefined ? undefined : closing(funding);
      check(own !== undefined && transaction !== undefined, 'the closing transaction is broadcast');
      const outputs = Transaction.fromBuffer(transaction.bytes).outs.map(({ value }) => BigInt(value));
      const opening = opener === 'us' ? own : capacity * 1000n - own;
      checkOutputs(outputs, opening / 1000n, (capacity * 1000n - opening) / 1000n);
    }
    await this.#chain.mine(1);
    for (const { txid } of fundings) {
      const closed = closing(txid);
      check(closed !== undefined && (await this.#chain.confirmations(closed.txid)) > 0, 'the close is mined');
    }
    await this.#checkRefusals();
    check(this.#us.problems.length === 0, this.#us.problems.join('; '));
  }
}

function checkOutputs(outputs: readonly bigint[], opener: bigint, other: bigint): void {
  const rest = [...outputs];
  const message = `closing outputs ${outputs.join(', ')}: the opener had ${opener}, the other ${other} sat`;
  const at = rest.indexOf(other);
  if (at >= 0) rest.splice(at, 1);
  else check(other < 354n, message);
  const [left, ...more] = rest;
  check(more.length === 0, message);
  check(left === undefined ? opener < 20_000n : left < opener && left > opener - 20_000n, message);
}
