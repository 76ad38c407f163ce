import { type BlockHeight, msat, type OutPoint, sat, shortChannelIdOf, txid } from '@boltwright/base';
import { acceptChannel, openChannel } from '@boltwright/channel';
import type { CryptoBackend } from '@boltwright/crypto';
import type { UserConfig } from '@boltwright/interfaces';
import { features } from './config.ts';
import { Party } from './party.ts';

export interface PairOptions {
  readonly crypto: CryptoBackend;
  readonly alice: UserConfig;
  readonly bob: UserConfig;
  readonly fundingSatoshis?: bigint;
  readonly pushMsat?: bigint;
}

/** Two channels and the wire between them. Alice opens. */
export class Pair {
  readonly alice: Party;
  readonly bob: Party;
  isConnected = true;
  /** What happened, in words. */
  readonly log: string[] = [];
  /** What went wrong, where an honest run allows nothing to. */
  readonly violations: string[] = [];
  readonly fundingSatoshis: bigint;
  readonly pushMsat: bigint;

  constructor({ crypto, alice, bob, fundingSatoshis = 1_000_000n, pushMsat = 300_000_000n }: PairOptions) {
    this.alice = new Party(crypto, 'alice', alice);
    this.bob = new Party(crypto, 'bob', bob);
    this.fundingSatoshis = fundingSatoshis;
    this.pushMsat = pushMsat;
  }

  get parties(): readonly Party[] {
    return [this.alice, this.bob];
  }

  other(party: Party): Party {
    return party === this.alice ? this.bob : this.alice;
  }

  readonly outpoint: OutPoint = { txid: txid('44'.repeat(32)), vout: 1 };

  /** From nothing to both sides waiting for the chain. */
  fund(): void {
    const opened = openChannel(
      { ...this.alice.parameters, fundingSatoshis: sat(this.fundingSatoshis), pushMsat: msat(this.pushMsat) },
      this.alice.env,
    );
    if (!opened.ok) throw new Error(opened.error.message);
    this.alice.take(opened.value);
    const [message] = this.alice.out.splice(0);
    if (message?.type !== 'open_channel') throw new Error('no open_channel');
    const accepted = acceptChannel(message, this.bob.parameters, this.bob.env);
    if (!accepted.ok) throw new Error(accepted.error.message);
    this.bob.take(accepted.value);
    this.settle();
    this.alice.feed({ kind: 'command', command: { kind: 'fundingCreated', fundingOutpoint: this.outpoint } });
    this.settle();
  }

  confirm(parties: readonly Party[] = this.parties): void {
    for (const party of parties) {
      party.height = 110;
      party.feed({
        kind: 'fundingConfirmed',
        height: 105 as BlockHeight,
        shortChannelId: shortChannelIdOf(105, 1, 1),
      });
    }
  }

  open(): this {
    this.fund();
    this.confirm();
    this.settle();
    return this;
  }

  /** Delivers the oldest message of `from`. */
  deliver(from: Party): boolean {
    const message = from.out.shift();
    if (message === undefined) return false;
    const to = this.other(from);
    this.log.push(`${to.name} receives ${message.type}`);
    const error = to.feed({ kind: 'message', message });
    if (error !== undefined) {
      this.violations.push(`${to.name} on ${message.type}: ${error.kind} ${error.code}: ${error.message}`);
    }
    return true;
  }

  commit(party: Party): void {
    const { length } = party.effects;
    const error = party.feed({ kind: 'command', command: { kind: 'commit' } });
    if (party.effects.length > length) this.log.push(`${party.name} commits`);
    if (error !== undefined) this.violations.push(`${party.name} commit: ${error.code}`);
  }

  /** Delivers and commits until nothing is left to do. */
  settle(): void {
    for (let round = 0; round < 10_000; round++) {
      const delivered = [this.deliver(this.alice), this.deliver(this.bob)].some(Boolean);
      for (const party of this.parties) this.commit(party);
      if (!delivered && this.parties.every(({ out }) => out.length === 0)) return;
    }
    throw new Error('the two sides never come to rest');
  }

  disconnect(): void {
    this.isConnected = false;
    this.log.push('the connection breaks');
    for (const party of this.parties) {
      party.out.length = 0;
      party.feed({ kind: 'disconnected' });
    }
  }

  reconnect(): void {
    this.isConnected = true;
    this.log.push('the two connect');
    for (const party of this.parties) {
      party.feed({ kind: 'connected', localFeatures: features, remoteFeatures: features });
    }
  }
}
