import {
  type BlockHeight,
  type FeeratePerKw,
  msat,
  type PaymentHash,
  paymentHashOf,
  type Sat,
  type ShortChannelId,
} from '@boltwright/base';
import type { ChannelMessage, PaymentId } from '@boltwright/interfaces';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { type ClosingSigned, decodeMessage, encodeMessage } from '@boltwright/wire';
import { expect, test } from '@jest/globals';
import { features, withHandshake } from '../../../tooling/simulate/src/channel/config.ts';
import { Pair } from '../../../tooling/simulate/src/channel/pair.ts';
import { type Party, seedOf } from '../../../tooling/simulate/src/channel/party.ts';
import { Random } from '../../../tooling/simulate/src/channel/random.ts';
import { closingAt } from '../src/closing/closing-terms.ts';
import { commitmentSpec } from '../src/commitments/commitment-spec.ts';
import { viewNames, viewOf } from '../src/commitments/view.ts';
import { type ChannelInput, decodeChannelState, encodeChannelState, isFunded, transition } from '../src/index.ts';

const crypto = createSimCrypto();

/**
 * A peer with a channel's real keys and no manners: it signs what the victim holds next, whatever that is, reveals true
 * secrets at any time, and writes anything else at random.
 */
class HostilePeer {
  readonly random: Random;
  readonly pair: Pair;
  readonly victim: Party;
  readonly self: Party;
  readonly seen: ChannelMessage[] = [];

  constructor(random: Random, pair: Pair, victim: Party) {
    this.random = random;
    this.pair = pair;
    this.victim = victim;
    this.self = pair.other(victim);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.random.below(256));
  }

  amount(): bigint {
    const { random, pair } = this;
    const total = pair.fundingSatoshis * 1000n;
    return random.pick([
      0n,
      1n,
      354_000n,
      total / 100n,
      (total * BigInt(random.below(1000))) / 1000n,
      total,
      (1n << 64n) - 1n,
    ]);
  }

  id(): bigint {
    const { random, victim } = this;
    const next = isFunded(victim.state) ? victim.state.commitments.nextRemoteHtlcId : 0n;
    const known = isFunded(victim.state) ? victim.state.commitments.htlcs.map(({ id }) => id) : [];
    return random.pick([next, next, next, ...known, 0n, next + 1n, (1n << 64n) - 1n]);
  }

  point(): Uint8Array {
    const { random, self } = this;
    if (random.chance(0.1)) return Uint8Array.of(2, ...this.bytes(32));
    const answer = self.late.keys.perCommitmentPoint(BigInt(random.below(6)));
    return answer.kind === 'ready' ? answer.value : Uint8Array.of(3, ...this.bytes(32));
  }

  /** The point that continues the chain of what the victim has seen. */
  nextPoint(): Uint8Array {
    const { state } = this.victim;
    const index = isFunded(state) ? state.commitments.remoteIndex + 1n : 1n;
    const answer = this.self.late.keys.perCommitmentPoint(index);
    return answer.kind === 'ready' && this.random.chance(0.9) ? answer.value : this.point();
  }

  secret(): Uint8Array {
    const { state } = this.victim;
    const index = isFunded(state) && state.commitments.remoteIndex > 0n ? state.commitments.remoteIndex - 1n : 0n;
    const answer = this.self.late.keys.releaseCommitmentSecret(index);
    return answer.kind === 'ready' && this.random.chance(0.9) ? answer.value : this.bytes(32);
  }

  preimageOf(): Uint8Array {
    return this.random.chance(0.8) ? seedOf(crypto, `ours ${this.random.below(12)}`) : this.bytes(32);
  }

  /** `commitment_signed` for exactly what the victim would hold next. */
  commitment(): ChannelMessage {
    const { victim, self } = this;
    const { state } = victim;
    const junk: ChannelMessage = {
      type: 'commitment_signed',
      channelId: state.channelId,
      signature: this.bytes(64),
      htlcSignatures: Array.from({ length: this.random.below(3) }, () => this.bytes(64)),
    };
    if (!isFunded(state) || !isFunded(self.state) || this.random.chance(0.05)) return junk;
    const { commitments, parameters } = state;
    const point = commitments.localNextPoint;
    if (point === undefined) return junk;
    const next = commitments.localIndex + 1n;
    const spec = commitmentSpec(commitments, parameters.isOpener, 'localNext', 'local', next, point);
    if (spec.toBroadcasterMsat < 0n || spec.toCountersignerMsat < 0n) return junk;
    const signed = self.late.keys.signCounterpartyCommitment({ parameters: self.state.transactions, spec }, []);
    return signed.kind === 'ready' ? { ...junk, ...signed.value } : junk;
  }

  closing(): ClosingSigned {
    const { victim, self, random } = this;
    const { state } = victim;
    const feeSatoshis = random.pick([
      0n,
      1n,
      200n,
      700n,
      5000n,
      BigInt(random.below(1_000_000)),
      (1n << 63n) - 1n,
    ]) as Sat;
    const low = BigInt(random.below(2000)) as Sat;
    const message: ClosingSigned = {
      type: 'closing_signed',
      channelId: state.channelId,
      feeSatoshis,
      signature: this.bytes(64),
      ...(random.chance(0.5)
        ? { feeRange: { minFeeSatoshis: low, maxFeeSatoshis: (low + BigInt(random.below(20_000))) as Sat } }
        : {}),
    };
    if (state.kind !== 'negotiating') return message;
    const closing = closingAt(state, feeSatoshis, random.pick(['local', 'remote'] as const));
    if (!closing.ok || !isFunded(self.state)) return message;
    const signature = self.late.keys.signClosing({ ...closing.value, parameters: self.state.transactions });
    return signature.kind === 'ready' ? { ...message, signature: signature.value } : message;
  }

  message(): ChannelMessage {
    const { random, victim } = this;
    const { channelId } = victim.state;
    const roll = random.below(100);
    if (roll < 22) return this.commitment();
    if (roll < 40) {
      return {
        type: 'revoke_and_ack',
        channelId,
        perCommitmentSecret: this.secret(),
        nextPerCommitmentPoint: this.nextPoint(),
      };
    }
    if (roll < 56) {
      return {
        type: 'update_add_htlc',
        channelId,
        id: this.id(),
        amountMsat: msat(this.amount()),
        paymentHash: paymentHashOf(crypto.sha256(this.preimageOf())),
        cltvExpiry: random.pick([0, 400, 499_999_999, 500_000_000, 0xffff_ffff]) as BlockHeight,
        onionRoutingPacket: new Uint8Array(1366),
      };
    }
    if (roll < 62) return { type: 'update_fulfill_htlc', channelId, id: this.id(), paymentPreimage: this.preimageOf() };
    if (roll < 66) return { type: 'update_fail_htlc', channelId, id: this.id(), reason: this.bytes(random.below(300)) };
    if (roll < 69) {
      return {
        type: 'update_fail_malformed_htlc',
        channelId,
        id: this.id(),
        sha256OfOnion: this.bytes(32),
        failureCode: random.pick([0, 0x8000, 0xc005]),
      };
    }
    if (roll < 73) {
      const feeratePerKw = random.pick([0, 253, 1000, 5000, 20_000, 0xffff_ffff]) as FeeratePerKw;
      return { type: 'update_fee', channelId, feeratePerKw };
    }
    if (roll < 78) return this.closing();
    if (roll < 82) {
      const scriptpubkey = random.chance(0.8) ? this.self.script : this.bytes(random.below(40));
      return { type: 'shutdown', channelId, scriptpubkey };
    }
    if (roll < 85) {
      return {
        type: 'channel_ready',
        channelId,
        secondPerCommitmentPoint: this.nextPoint(),
        ...(random.chance(0.5) ? { shortChannelId: 77n as ShortChannelId } : {}),
      };
    }
    if (roll < 89) {
      return {
        type: 'channel_reestablish',
        channelId,
        nextCommitmentNumber: BigInt(random.below(5)),
        nextRevocationNumber: random.chance(0.9) ? BigInt(random.below(5)) : (1n << 64n) - 1n,
        yourLastPerCommitmentSecret: random.chance(0.5) ? new Uint8Array(32) : this.secret(),
        myCurrentPerCommitmentPoint: this.point(),
      };
    }
    if (roll < 90) return { type: 'funding_signed', channelId, signature: this.bytes(64) };
    if (roll < 91) {
      return {
        type: 'funding_created',
        temporaryChannelId: channelId,
        fundingTxid: this.pair.outpoint.txid,
        fundingOutputIndex: random.below(65_536),
        signature: this.bytes(64),
      };
    }
    if (roll < 92) return { type: 'stfu', channelId, initiator: 1 };
    if (roll < 93) return { type: 'warning', channelId, data: this.bytes(20) };
    if (roll < 94 && random.chance(0.2)) return { type: 'error', channelId, data: this.bytes(700) };
    return this.seen.length > 0 ? random.pick(this.seen) : this.commitment();
  }
}

/** What holds whatever a peer does. */
function invariants({ state }: Party, capacityMsat: bigint): void {
  const bytes = encodeChannelState(state);
  expect(decodeChannelState(bytes).ok).toBe(true);
  if (!isFunded(state)) return;
  const { commitments, parameters } = state;
  if (commitments.localMsat + commitments.remoteMsat !== capacityMsat) throw new Error('the balances do not add up');
  for (const name of viewNames) {
    const view = viewOf(commitments, parameters.isOpener, name);
    const sum = view.htlcs.reduce((total, { amountMsat }) => total + amountMsat, view.localMsat + view.remoteMsat);
    if (sum !== capacityMsat) throw new Error(`${name} does not add up`);
    if (name !== 'all' && (view.localMsat < 0n || view.remoteMsat < 0n)) throw new Error(`${name} is negative`);
  }
  const ids = commitments.htlcs.map(({ offeredBy, id }) => `${offeredBy} ${id}`);
  if (new Set(ids).size !== ids.length) throw new Error('an HTLC id is used twice');
}

function hostileRun(seed: number, steps: number): string {
  const random = new Random(seed);
  const anchors = random.chance(0.5);
  const side = withHandshake({ anchors, maxAcceptedHtlcs: random.pick([5, 30]) });
  const fundingSatoshis = random.pick([50_000n, 1_000_000n]);
  const pair = new Pair({ crypto, alice: side, bob: side, fundingSatoshis, pushMsat: fundingSatoshis * 300n });
  const victim = random.pick(pair.parties);
  const peer = new HostilePeer(random, pair, victim);
  pair.fund();
  if (random.chance(0.9)) {
    pair.confirm();
    pair.settle();
  }
  const capacity = pair.fundingSatoshis * 1000n;
  const kinds = new Set<string>();
  let heard = 0;
  let offered = 0;
  const feed = (input: ChannelInput): void => {
    const before = victim.state;
    const outcome = transition(before, input, victim.env);
    if (!outcome.ok) {
      if (outcome.error.kind !== 'channelError') return;
      if (outcome.error.reaction === 'disconnect') feed({ kind: 'disconnected' });
      // Most faults are overlooked, so that the run goes on: a shell that fails the channel ends it.
      if (outcome.error.reaction === 'failChannel' && random.chance(0.01)) feed({ kind: 'fail', error: outcome.error });
      return;
    }
    victim.take(outcome.value);
    for (const effect of victim.effects.slice(heard)) {
      if (effect.kind === 'htlcReceived' && random.chance(0.8)) {
        const { id, paymentHash } = effect.htlc;
        pendingHere.push({ id, paymentHash });
      }
    }
    heard = victim.effects.length;
    invariants(victim, capacity);
    kinds.add(victim.state.kind);
  };
  const pendingHere: { id: bigint; paymentHash: PaymentHash }[] = [];
  const command = (): ChannelInput => {
    const roll = random.below(10);
    const [first] = pendingHere;
    if (roll < 4 || first === undefined) {
      return {
        kind: 'command',
        command: {
          kind: 'addHtlc',
          amountMsat: msat((capacity * BigInt(1 + random.below(200))) / 1000n),
          paymentHash: paymentHashOf(crypto.sha256(seedOf(crypto, `ours ${offered++ % 12}`))),
          cltvExpiry: 500 as BlockHeight,
          onionRoutingPacket: new Uint8Array(1366),
          source: { kind: 'payment', paymentId: '66'.repeat(32) as PaymentId, part: offered },
        },
      };
    }
    pendingHere.shift();
    if (roll < 7) return { kind: 'command', command: { kind: 'failHtlc', id: first.id, reason: new Uint8Array(292) } };
    for (let n = 0; n < 12; n++) {
      const preimage = seedOf(crypto, `ours ${n}`);
      if (paymentHashOf(crypto.sha256(preimage)) === first.paymentHash) {
        return { kind: 'command', command: { kind: 'fulfillHtlc', id: first.id, preimage } };
      }
    }
    return { kind: 'command', command: { kind: 'updateFee', feeratePerKw: 2000 as FeeratePerKw } };
  };
  for (let step = 0; step < steps; step++) {
    const roll = random.below(100);
    if (roll < 70) {
      const message = peer.message();
      peer.seen.push(message);
      if (peer.seen.length > 30) peer.seen.shift();
      feed({ kind: 'message', message });
    } else if (roll < 82) feed(command());
    else if (roll < 92) feed({ kind: 'command', command: { kind: 'commit' } });
    else if (roll < 94) {
      feed({ kind: 'disconnected' });
      feed({ kind: 'connected', localFeatures: features, remoteFeatures: features });
      const { state } = victim;
      if (isFunded(state) && random.chance(0.9)) {
        // A reestablish that fits, so that the run goes on.
        const { commitments } = state;
        const secret =
          commitments.localIndex === 0n
            ? undefined
            : victim.late.keys.releaseCommitmentSecret(commitments.localIndex - 1n);
        feed({
          kind: 'message',
          message: {
            type: 'channel_reestablish',
            channelId: state.channelId,
            nextCommitmentNumber:
              commitments.awaitedRevocation !== undefined && random.chance(0.5)
                ? commitments.remoteIndex
                : commitments.remoteIndex + 1n,
            nextRevocationNumber: commitments.localIndex,
            yourLastPerCommitmentSecret: secret?.kind === 'ready' ? secret.value : new Uint8Array(32),
            myCurrentPerCommitmentPoint: peer.point(),
          },
        });
      }
    } else if (roll < 96) {
      victim.late.isAway = random.chance(0.5);
      if (!victim.late.isAway) feed({ kind: 'signerUnblocked' });
    } else if (roll < 97 && random.chance(0.3)) feed({ kind: 'command', command: { kind: 'close' } });
    else feed({ kind: 'timerTick' });
  }
  return [...kinds].join();
}

test('whatever a peer with true keys sends, nothing throws and nothing is created or lost', () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    try {
      for (const kind of hostileRun(seed, 150).split(',')) kinds.add(kind);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining(['closed', 'negotiating', 'normal', 'shuttingDown', 'waitForChannelReady']),
  );
});

test('what waits for the signer is bounded in bytes too', () => {
  const { alice } = new Pair({ crypto, alice: withHandshake({}), bob: withHandshake({}) }).open();
  alice.isStored = false;
  const flood = (reason: number): number => {
    alice.late.isAway = true;
    alice.feed({ kind: 'disconnected' });
    alice.feed({ kind: 'connected', localFeatures: features, remoteFeatures: features });
    const message: ChannelMessage = {
      type: 'channel_reestablish',
      channelId: alice.state.channelId,
      nextCommitmentNumber: 1n,
      nextRevocationNumber: 1n << 40n,
      yourLastPerCommitmentSecret: Uint8Array.of(...new Uint8Array(31), 1),
      myCurrentPerCommitmentPoint: Uint8Array.of(2, ...new Uint8Array(31), 1),
    };
    expect(alice.feed({ kind: 'message', message })).toBeUndefined();
    const { channelId } = alice.state;
    for (let queued = 1; ; queued++) {
      const update: ChannelMessage = { type: 'update_fail_htlc', channelId, id: 0n, reason: new Uint8Array(reason) };
      const error = alice.feed({ kind: 'message', message: update });
      if (error === undefined) continue;
      expect(error).toMatchObject({ reaction: 'disconnect', code: 'too_many_messages' });
      return queued;
    }
  };
  expect(flood(60_000)).toBeLessThan(80);
});

test('stored states with bytes changed, cut or added decode to an error or to a state that encodes again', () => {
  const random = new Random(7);
  const pair = new Pair({ crypto, alice: withHandshake({}), bob: withHandshake({}) }).open();
  pair.alice.feed({ kind: 'command', command: { kind: 'close' } });
  for (const party of pair.parties) {
    const bytes = encodeChannelState(party.state);
    for (let i = 0; i < 4000; i++) {
      const changed = Uint8Array.from(bytes);
      for (let n = random.below(3); n >= 0; n--) changed[random.below(changed.length)] = random.below(256);
      const cut = random.chance(0.1) ? changed.subarray(0, random.below(changed.length)) : changed;
      const decoded = decodeChannelState(cut);
      if (decoded.ok) encodeChannelState(decoded.value);
    }
  }
});

test('messages are as they come over the wire', () => {
  const pair = new Pair({ crypto, alice: withHandshake({}), bob: withHandshake({}) }).open();
  const peer = new HostilePeer(new Random(3), pair, pair.alice);
  for (let i = 0; i < 500; i++) {
    const message = peer.message();
    expect(decodeMessage(encodeMessage(message)).ok).toBe(true);
  }
});
