import {
  type BlockHeight,
  chainHash,
  channelId,
  concatBytes,
  equalBytes,
  type FeeratePerKw,
  type NodeId,
  pending,
  type Script,
  type ShortChannelId,
} from '@boltwright/base';
import {
  type ChannelEffect,
  type ChannelEnv,
  type ChannelError,
  type ChannelInput,
  type ChannelRefusal,
  type ChannelState,
  decodeChannelState,
  encodeChannelState,
  isFunded,
  type Step,
  transition,
} from '@boltwright/channel';
import type { CryptoBackend } from '@boltwright/crypto';
import type {
  ChannelKeysId,
  ChannelMessage,
  ChannelSigner,
  CounterpartyCommitment,
  UserConfig,
} from '@boltwright/interfaces';
import { InMemorySigner, validatingSigner } from '@boltwright/keys';
import { features } from './config.ts';

export const seedOf = (crypto: CryptoBackend, text: string): Uint8Array =>
  crypto.sha256(Uint8Array.from(text, (character) => character.charCodeAt(0)));

/** The methods of a signer that tests leave pending. */
const delayed = [
  'perCommitmentPoint',
  'releaseCommitmentSecret',
  'signCounterpartyCommitment',
  'signClosing',
  'validateHolderCommitment',
  'validateCounterpartyRevocation',
] as const;

/** A signer that refuses what an external one would, and is pending while told to be. */
export class LateSigner {
  isAway = false;
  readonly signer: ChannelSigner;
  /** The keys themselves, never away and without a policy: for checks of what could go to the chain. */
  readonly keys: InMemorySigner;
  readonly #asked = new Map<bigint, string>();

  /** Asked once for a number, be it in vain, it is asked for that content ever after. */
  #sameContent({ spec }: CounterpartyCommitment): void {
    const htlcs = spec.htlcs.map(({ direction, id, amountMsat }) => `${direction}${id}:${amountMsat}`);
    const content = [spec.feeratePerKw, spec.toBroadcasterMsat, spec.toCountersignerMsat, ...htlcs].join();
    const before = this.#asked.get(spec.index);
    if (before !== undefined && before !== content)
      throw new Error(`commitment ${spec.index} is offered with other content`);
    this.#asked.set(spec.index, content);
  }

  constructor(crypto: CryptoBackend, name: string) {
    this.keys = new InMemorySigner(crypto, {
      funding: seedOf(crypto, `${name} funding`),
      revocationBasepoint: seedOf(crypto, `${name} revocation`),
      paymentBasepoint: seedOf(crypto, `${name} payment`),
      delayedPaymentBasepoint: seedOf(crypto, `${name} delayed`),
      htlcBasepoint: seedOf(crypto, `${name} htlc`),
      commitmentSeed: seedOf(crypto, `${name} commitments`),
    });
    const inner = validatingSigner(this.keys, { crypto });
    this.signer = new Proxy<ChannelSigner>(inner, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        return (...parameters: unknown[]): unknown => {
          if (property === 'signCounterpartyCommitment') this.#sameContent(parameters[0] as CounterpartyCommitment);
          return this.isAway && (delayed as readonly PropertyKey[]).includes(property)
            ? pending
            : Reflect.apply(value, target, parameters);
        };
      },
    });
  }
}

/** What must come after a monitor's step, and not before. */
const follows: Readonly<Record<string, readonly string[]>> = {
  counterpartyCommitment: ['commitment_signed'],
  holderCommitment: ['revoke_and_ack'],
  closingTransaction: ['closing_signed', 'broadcast'],
};

/** One side of a channel, with what its shell would keep. */
export class Party {
  readonly name: string;
  readonly late: LateSigner;
  readonly crypto: CryptoBackend;
  config: UserConfig;
  height = 100;
  feerate = 1000;
  /** What this side takes at least from an opener. */
  leastFeerate = 253;
  state!: ChannelState;
  readonly out: ChannelMessage[] = [];
  /** All effects so far, oldest first. */
  readonly effects: ChannelEffect[] = [];
  lastUpdateId = 0n;
  watched = false;

  constructor(crypto: CryptoBackend, name: string, config: UserConfig) {
    this.crypto = crypto;
    this.name = name;
    this.config = config;
    this.late = new LateSigner(crypto, name);
  }

  get env(): ChannelEnv {
    return {
      crypto: this.crypto,
      signer: this.late.signer,
      chainHash: chainHash('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f'),
      height: this.height as BlockHeight,
      feerate: (target) =>
        (target === 'maxAllowedRemote'
          ? 20_000
          : target.startsWith('minAllowed')
            ? this.leastFeerate
            : this.feerate) as FeeratePerKw,
      config: this.config,
      channelConfig: this.config.channel,
    };
  }

  get script(): Script {
    return concatBytes(Uint8Array.of(0, 20), seedOf(this.crypto, `${this.name} script`).subarray(0, 20));
  }

  get parameters() {
    return {
      channelKeysId: '11'.repeat(32) as ChannelKeysId,
      counterparty: `02${'22'.repeat(32)}` as NodeId,
      localFeatures: features,
      remoteFeatures: features,
      scidAlias: (this.name === 'alice' ? 0xa11cen : 0xb0bn) as ShortChannelId,
      shutdownScript: this.script,
      destinationScript: this.script,
      birthHeight: this.height as BlockHeight,
      temporaryChannelId: channelId('33'.repeat(32)),
    };
  }

  /** Feeds an input; the peer's violations and refusals come back. */
  feed(input: ChannelInput): ChannelError | ChannelRefusal | undefined {
    const before = this.state;
    const outcome = transition(before, input, this.env);
    if (!outcome.ok) return outcome.error;
    this.take(outcome.value);
    return undefined;
  }

  take(step: Step): void {
    const { state, effects } = step;
    this.#onlyForward(state);
    this.#monitorFirst(effects);
    if (state !== this.state) this.state = this.isStored ? this.#stored(state) : state;
    let updates = 0;
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.kind === 'send') this.out.push(effect.message);
      if (effect.kind === 'watchChannel') this.watched = true;
      if (effect.kind !== 'updateMonitor') continue;
      updates++;
      if (effect.update.updateId !== this.lastUpdateId + 1n) throw new Error(`${this.name}: update ids have a gap`);
      this.lastUpdateId = effect.update.updateId;
    }
    if (updates > 1 && effects.length > 0 && !effects.some((effect) => effect.kind === 'disconnect'))
      this.manyUpdates++;
  }

  /** What has been counted is never counted back. */
  #onlyForward(state: ChannelState): void {
    const before: ChannelState | undefined = this.state;
    if (before === undefined || !isFunded(before)) return;
    if (!isFunded(state)) {
      if (before.kind === 'waitForFundingSigned') return;
      throw new Error(`${this.name}: from ${before.kind} back to ${state.kind}`);
    }
    if (before.kind === 'closed' && state.kind !== 'closed') throw new Error(`${this.name}: closed and open again`);
    for (const name of ['localIndex', 'remoteIndex', 'nextLocalHtlcId'] as const) {
      const [from, to] = [before.commitments[name], state.commitments[name]];
      if (to < from || to > from + 2048n) throw new Error(`${this.name}: ${name} from ${from} to ${to}`);
    }
    if (state.latestUpdateId < before.latestUpdateId) throw new Error(`${this.name}: update ids go back`);
  }

  /** Rule 3: what a monitor update promises does not leave before it. */
  #monitorFirst(effects: readonly ChannelEffect[]): void {
    let later: ReadonlySet<string> = new Set();
    for (const effect of [...effects].reverse()) {
      if (effect.kind === 'watchChannel' && !later.has('funding_signed') && !later.has('broadcastFunding')) {
        throw new Error(`${this.name}: nothing follows the initial monitor`);
      }
      if (effect.kind === 'updateMonitor') {
        for (const step of effect.update.steps) {
          const needed = follows[step.kind];
          if (needed !== undefined && !needed.some((kind) => later.has(kind))) {
            throw new Error(`${this.name}: ${needed.join(' or ')} does not follow the monitor's ${step.kind}`);
          }
        }
      }
      later = new Set([...later, effect.kind === 'send' ? effect.message.type : effect.kind]);
    }
  }

  manyUpdates = 0;
  /** Each state is stored and read again: off where a test is about something else and large. */
  isStored = true;
  #steps = 0;

  #stored(state: ChannelState): ChannelState {
    const bytes = encodeChannelState(state);
    const decoded = decodeChannelState(bytes);
    if (!decoded.ok) throw new Error(`${this.name}: state does not decode: ${decoded.error.message}`);
    // Compared now and then; every time it is what was read that goes on.
    if (this.#steps++ % 8 === 0) {
      expectSame(decoded.value, state, this.name);
      if (!equalBytes(encodeChannelState(decoded.value), bytes)) throw new Error(`${this.name}: stored in two ways`);
    }
    return decoded.value;
  }

  of<K extends ChannelEffect['kind']>(kind: K): readonly Extract<ChannelEffect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<ChannelEffect, { kind: K }> => effect.kind === kind);
  }
}

/** Deep equality over plain data with bytes and bigints; says where it ends. */
function expectSame(a: unknown, b: unknown, path: string): void {
  if (a === b) return;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    if (a.length === b.length && a.every((byte, i) => byte === b[i])) return;
    throw new Error(`${path}: other bytes after decoding`);
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    throw new Error(`${path}: ${String(a)} after decoding, ${String(b)} before`);
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) expectSame(Reflect.get(a, key), Reflect.get(b, key), `${path}.${key}`);
}
