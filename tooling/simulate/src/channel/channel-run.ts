import { type BlockHeight, type FeeratePerKw, msat, type PaymentHash, paymentHashOf } from '@boltwright/base';
import {
  type ChannelCommand,
  type ChannelInput,
  hasPendingCommit,
  isFunded,
  localSpec,
  remoteSpec,
} from '@boltwright/channel';
import type { CryptoBackend } from '@boltwright/crypto';
import type { CommitmentSpec, PaymentId } from '@boltwright/interfaces';
import { buildCommitment } from '@boltwright/transactions';
import { withHandshake } from './config.ts';
import { Pair } from './pair.ts';
import { type Party, seedOf } from './party.ts';
import { Random } from './random.ts';
import { ScriptCheck } from './script-check.ts';

export interface RunOptions {
  readonly seed: number;
  /** Each step is drawn from the seed and its number, so that a run is the same without some of the others. */
  readonly steps: readonly number[];
  readonly crypto: CryptoBackend;
  /** The signers go away and come back. */
  readonly lateSigners: boolean;
  /** Every transaction that could go to the chain is run in an interpreter of scripts: for real crypto alone. */
  readonly checksScripts?: boolean;
}

/** What a run did, so that a test sees that it did something. */
export interface RunSummary {
  readonly offered: number;
  readonly fulfilled: number;
  readonly failed: number;
  readonly reconnects: number;
  /** Run in the interpreter. */
  readonly transactions: number;
}

/** A run in which something did not hold. */
export class RunFailure extends Error {
  readonly seed: number;
  /** What happened up to there, in words. */
  readonly log: readonly string[];

  constructor(seed: number, log: readonly string[], cause: unknown) {
    super(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.seed = seed;
    this.log = log;
  }
}

/** Steps 0 to `count` - 1. */
export const stepsUpTo = (count: number): readonly number[] => Array.from({ length: count }, (_, step) => step);

/** One random life of a channel, checked all along and at its end. @throws RunFailure where a check fails. */
export function channelRun(options: RunOptions): RunSummary {
  let log: readonly string[] = [];
  try {
    const run = new Run(options);
    log = run.pair.log;
    run.open();
    return run.play();
  } catch (error) {
    throw new RunFailure(options.seed, log, error);
  }
}

class Run {
  /** Of the step that is being made. */
  random: Random;
  readonly pair: Pair;
  readonly options: RunOptions;
  /** HTLCs that a side was told of and has not settled: by party name. */
  readonly toSettle = new Map<Party, { id: bigint; paymentHash: PaymentHash }[]>();
  readonly preimages = new Map<PaymentHash, Uint8Array>();
  readonly expected = new Map<Party, bigint>();
  reconnects = 0;
  /** A close is asked for while HTLCs are on their way. */
  readonly closesEarly: boolean;
  isClosing = false;
  payments = 0;
  readonly #seen = new Map<Party, number>();
  readonly #chain: ScriptCheck | undefined;

  constructor(options: RunOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.closesEarly = this.random.chance(0.3);
    const anchors = this.random.chance(0.5);
    const fundingSatoshis = this.random.pick([50_000n, 200_000n, 1_000_000n, 5_000_000n]);
    const side = (dust: bigint) =>
      withHandshake({
        anchors,
        dustLimitSatoshis: dust as never,
        maxAcceptedHtlcs: this.random.pick([5, 10, 30]),
        maxHtlcValueInFlightPercent: this.random.pick([40, 100]),
      });
    this.pair = new Pair({
      crypto: options.crypto,
      alice: side(this.random.pick([354n, 546n])),
      bob: side(this.random.pick([354n, 1000n])),
      fundingSatoshis,
      pushMsat: this.random.chance(0.3) ? 0n : fundingSatoshis * BigInt(this.random.below(800)),
    });
    for (const party of this.pair.parties) this.toSettle.set(party, []);
    if (options.checksScripts === true) this.#chain = new ScriptCheck(options.crypto, this.pair, this.preimages);
  }

  /** The two sides hear of the chain at their own times, and the connection may break in between. */
  open(): void {
    const { pair, random } = this;
    pair.fund();
    const [first, second] = random.chance(0.5) ? [pair.alice, pair.bob] : [pair.bob, pair.alice];
    for (const party of [first, second]) {
      pair.confirm([party]);
      for (let i = random.below(4); i > 0; i--) pair.deliver(random.pick(pair.parties));
      if (random.chance(0.7)) continue;
      this.disconnect();
      if (random.chance(0.5)) pair.confirm([second]);
      this.reconnect();
    }
    pair.settle();
  }

  play(): RunSummary {
    const { pair } = this;
    const start = new Map(pair.parties.map((party) => [party, balanceOf(party)]));
    for (const step of this.options.steps) {
      this.random = new Random(Math.imul(this.options.seed, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b));
      this.step(this.random.pick(pair.parties));
      this.collect();
      this.check();
    }
    this.random = new Random(this.options.seed ^ 0x5bd1e995);
    this.finish();
    this.checkBalances(start);
    this.close();
    this.#chain?.run();
    const count = (kind: 'htlcOffered' | 'htlcFulfilled' | 'htlcFailed') =>
      pair.parties.reduce((sum, party) => sum + party.of(kind).length, 0);
    return {
      offered: count('htlcOffered'),
      fulfilled: count('htlcFulfilled'),
      failed: count('htlcFailed'),
      reconnects: this.reconnects,
      transactions: this.#chain?.transactions ?? 0,
    };
  }

  step(party: Party): void {
    const { pair, random } = this;
    const roll = random.below(100);
    if (roll < 40) {
      for (let i = random.below(10); i >= 0; i--) pair.deliver(random.pick(pair.parties));
    } else if (roll < 55) {
      this.add(party);
    } else if (roll < 70) {
      pair.commit(party);
    } else if (roll < 85) {
      this.settleOne(party);
    } else if (roll < 89) {
      const feerate = random.pick([253, 500, 1000, 2500, 5000]) as FeeratePerKw;
      this.feed(party, { kind: 'command', command: { kind: 'updateFee', feeratePerKw: feerate } });
    } else if (roll < 93) {
      if (pair.isConnected) this.disconnect();
      else this.reconnect();
    }
    if (this.closesEarly && !this.isClosing && random.chance(0.05)) {
      this.isClosing = this.feed(party, { kind: 'command', command: { kind: 'close' } });
    }
    if (this.options.lateSigners && random.chance(0.15)) this.toggleSigner(random.pick(pair.parties));
    if (!pair.isConnected && random.chance(0.3)) this.reconnect();
  }

  disconnect(): void {
    this.pair.disconnect();
  }

  reconnect(): void {
    this.reconnects++;
    this.pair.reconnect();
  }

  toggleSigner(party: Party): void {
    party.late.isAway = !party.late.isAway;
    this.pair.log.push(`${party.name}'s signer ${party.late.isAway ? 'goes away' : 'is back'}`);
    if (!party.late.isAway) this.feed(party, { kind: 'signerUnblocked' });
  }

  /** Refusals are the channel's right; violations end the run. */
  feed(party: Party, input: ChannelInput): boolean {
    const error = party.feed(input);
    if (input.kind === 'command') {
      this.pair.log.push(`${party.name}: ${inWords(input.command)}${error === undefined ? '' : `: ${error.code}`}`);
    }
    if (error?.kind === 'channelError') throw new Error(`${party.name} on ${input.kind}: ${error.message}`);
    return error === undefined;
  }

  add(party: Party): void {
    const { random } = this;
    const capacity = this.pair.fundingSatoshis * 1000n;
    const amount = random.chance(0.3)
      ? BigInt(1 + random.below(1_000_000))
      : (capacity * BigInt(1 + random.below(random.chance(0.2) ? 500 : 100))) / 1000n;
    const preimage = seedOf(this.options.crypto, `payment ${this.payments++}`);
    const paymentHash = paymentHashOf(this.options.crypto.sha256(preimage));
    this.preimages.set(paymentHash, preimage);
    this.feed(party, {
      kind: 'command',
      command: {
        kind: 'addHtlc',
        amountMsat: msat(amount),
        paymentHash,
        cltvExpiry: (400 + random.below(3)) as BlockHeight,
        onionRoutingPacket: new Uint8Array(1366).fill(this.payments & 0xff),
        source: { kind: 'payment', paymentId: '66'.repeat(32) as PaymentId, part: this.payments },
      },
    });
  }

  settleOne(party: Party): void {
    const waiting = this.toSettle.get(party) ?? [];
    if (waiting.length === 0) return;
    const [htlc] = waiting.splice(this.random.below(waiting.length), 1);
    if (htlc !== undefined) this.outcome(party, htlc);
  }

  outcome(party: Party, { id, paymentHash }: { id: bigint; paymentHash: PaymentHash }): void {
    const preimage = this.preimages.get(paymentHash);
    if (preimage === undefined) throw new Error('an HTLC nobody offered');
    const roll = this.random.below(10);
    const done =
      roll < 6
        ? this.feed(party, { kind: 'command', command: { kind: 'fulfillHtlc', id, preimage } })
        : roll < 9
          ? this.feed(party, { kind: 'command', command: { kind: 'failHtlc', id, reason: new Uint8Array(292) } })
          : this.feed(party, {
              kind: 'command',
              command: {
                kind: 'failMalformedHtlc',
                id,
                sha256OfOnion: preimage,
                failureCode: 0x8000 | 0x4000 | 5,
              },
            });
    if (!done) throw new Error(`${party.name} could not settle HTLC ${id}`);
  }

  /** What each side was told since the last look. */
  collect(): void {
    for (const party of this.pair.parties) {
      const from = this.#seen.get(party) ?? 0;
      for (const effect of party.effects.slice(from)) {
        if (effect.kind === 'htlcReceived') {
          const { id, paymentHash } = effect.htlc;
          this.toSettle.get(party)?.push({ id, paymentHash });
        }
        if (effect.kind === 'closed' && !(this.isClosing && effect.reason.kind === 'cooperative'))
          throw new Error(`${party.name} closed: ${effect.reason.kind}`);
      }
      this.#seen.set(party, party.effects.length);
    }
    if (this.pair.violations.length > 0) throw new Error(this.pair.violations.join('; '));
  }

  /** Holds after every step: nothing is created or lost, and neither side's commitment pays more than there is. */
  check(): void {
    this.#chain?.run();
    for (const { state, name } of this.pair.parties) {
      if (!isFunded(state)) throw new Error(`${name} is not funded`);
      for (const spec of [localSpec(state), remoteSpec(state)]) {
        const total = spec.htlcs.reduce(
          (sum, htlc) => sum + htlc.amountMsat,
          spec.toBroadcasterMsat + spec.toCountersignerMsat,
        );
        if (total !== this.pair.fundingSatoshis * 1000n) throw new Error(`${name}: the balances do not add up`);
        if (spec.toBroadcasterMsat < 0n || spec.toCountersignerMsat < 0n) throw new Error(`${name}: negative balance`);
      }
    }
  }

  /** Everything comes to rest: all is connected, signed, settled. */
  finish(): void {
    const { pair } = this;
    for (const party of pair.parties) {
      if (!party.late.isAway) continue;
      party.late.isAway = false;
      this.feed(party, { kind: 'signerUnblocked' });
    }
    if (!pair.isConnected) this.reconnect();
    for (let round = 0; round < 50; round++) {
      pair.settle();
      this.collect();
      const open = [...this.toSettle].flatMap(([party, htlcs]) => htlcs.splice(0).map((htlc) => ({ party, htlc })));
      if (open.length === 0) break;
      for (const { party, htlc } of open) this.outcome(party, htlc);
    }
    this.check();
    const [alice, bob] = pair.parties.map(({ state }) => state);
    if (alice === undefined || bob === undefined || !isFunded(alice) || !isFunded(bob)) throw new Error('not funded');
    for (const party of pair.parties) {
      if (hasPendingCommit(party.state)) throw new Error(`${party.name} has something left to sign`);
      if (isFunded(party.state) && party.state.commitments.htlcs.length > 0) throw new Error('an HTLC is stuck');
      if (isFunded(party.state) && party.state.blocked !== undefined) throw new Error('still waits for the signer');
    }
    sameCommitment(localSpec(alice), remoteSpec(bob), 'alice');
    sameCommitment(remoteSpec(alice), localSpec(bob), 'bob');
    const { crypto } = this.options;
    const ours = buildCommitment(crypto, alice.transactions, 'holder', localSpec(alice));
    const theirs = buildCommitment(crypto, bob.transactions, 'counterparty', remoteSpec(bob));
    if (ours.raw.txid !== theirs.raw.txid) throw new Error('the two sides build different transactions');
  }

  /** Each side has what it had, less what it paid, and what it was paid. */
  checkBalances(start: ReadonlyMap<Party, bigint>): void {
    const { pair } = this;
    for (const party of pair.parties) {
      // A fulfilment is told again after a lost connection: each HTLC counts once.
      const paid = new Map(party.of('htlcFulfilled').map(({ id, amountMsat }) => [id, amountMsat]));
      const earned = new Map(
        pair
          .other(party)
          .of('htlcFulfilled')
          .map(({ id, amountMsat }) => [id, amountMsat]),
      );
      const sum = (amounts: ReadonlyMap<bigint, bigint>) => [...amounts.values()].reduce((a, b) => a + b, 0n);
      const expected = (start.get(party) ?? 0n) - sum(paid) + sum(earned);
      if (balanceOf(party) !== expected) throw new Error(`${party.name} has ${balanceOf(party)}, expected ${expected}`);
      const offered = party.of('htlcOffered').length;
      const failed = new Set(party.of('htlcFailed').map(({ id }) => id)).size;
      if (failed !== party.of('htlcFailed').length) throw new Error('a failure was told twice');
      if (paid.size + failed !== offered)
        throw new Error(`${party.name}: ${offered} offered, ${paid.size} + ${failed}`);
    }
  }

  close(): void {
    const { pair, random } = this;
    if (!this.isClosing) this.feed(random.pick(pair.parties), { kind: 'command', command: { kind: 'close' } });
    this.isClosing = true;
    if (random.chance(0.3)) {
      for (let i = random.below(6); i > 0; i--) pair.deliver(random.pick(pair.parties));
      this.disconnect();
      this.reconnect();
    }
    pair.settle();
    if (pair.violations.length > 0) throw new Error(pair.violations.join('; '));
    for (const party of pair.parties) {
      if (party.of('broadcast').length === 0) throw new Error(`${party.name} has no closing transaction`);
      if (party.of('closed').length !== 1) throw new Error(`${party.name} heard ${party.of('closed').length} closes`);
    }
  }
}

const inWords = (command: ChannelCommand): string => {
  switch (command.kind) {
    case 'addHtlc':
      return `addHtlc ${command.amountMsat} msat`;
    case 'fulfillHtlc':
    case 'failHtlc':
    case 'failMalformedHtlc':
      return `${command.kind} ${command.id}`;
    case 'updateFee':
      return `updateFee ${command.feeratePerKw}`;
    default:
      return command.kind;
  }
};

const balanceOf = ({ state }: Party): bigint => (isFunded(state) ? state.commitments.localMsat : 0n);

function sameCommitment(a: CommitmentSpec, b: CommitmentSpec, whose: string): void {
  const key = (spec: CommitmentSpec) =>
    [spec.index, spec.feeratePerKw, spec.toBroadcasterMsat, spec.toCountersignerMsat, spec.htlcs.length].join('/');
  if (key(a) !== key(b)) throw new Error(`the sides differ on ${whose}'s commitment: ${key(a)} and ${key(b)}`);
}
