import {
  blockHeight,
  channelId,
  feeratePerKw,
  msat,
  nodeIdOf,
  type OutPoint,
  outPointKey,
  paymentHashOf,
  type RawTransaction,
  type Sat,
  type Script,
  sat,
  unwrap,
} from '@boltwright/base';
import { RegtestChain } from '@boltwright/chain-regtest';
import { noble as crypto } from '@boltwright/crypto';
import type {
  ChainListener,
  ChannelMonitorUpdate,
  ChannelSigner,
  ChannelTransactionParameters,
  CommitmentFormat,
  CommitmentHtlc,
  CommitmentSpec,
  HolderCommitment,
  InitialMonitor,
  MonitorEvent,
  MonitorStep,
  SpendableOutput,
  WatchAnswer,
} from '@boltwright/interfaces';
import { type InMemorySigner, KeysManager } from '@boltwright/keys';
import { MemoryStore } from '@boltwright/store-memory';
import { createSyncTurns, type SyncTurns } from '@boltwright/store-turns';
import {
  buildCommitment,
  delayedWitness,
  fundingScript,
  fundingWitness,
  htlcPreimageWitness,
  htlcTransaction,
  p2wpkhWitness,
  parseTransaction,
  signatureWitness,
  signedCommitment,
  signedHtlcTransaction,
  type Transaction,
  toRawTransaction,
  unsignedInput,
  withWitness,
} from '@boltwright/transactions';
import { ManyChannelMonitor, type MonitorParts } from '../../src/index.ts';
import { TestFeeWallet } from './test-fee-wallet.ts';

const ready = <T>(answer: { readonly kind: string; readonly value?: T }): T => {
  if (answer.kind !== 'ready') throw new Error('the signer is not ready');
  return answer.value as T;
};

export const formats: readonly CommitmentFormat[] = ['static_remotekey', 'anchors'];
export const channel = channelId('c1'.repeat(32));
export const preimageOf = (n: number): Uint8Array => new Uint8Array(32).fill(n);
export const hashOf = (n: number) => paymentHashOf(crypto.sha256(preimageOf(n)));

/** An HTLC seen from us; `payment` names its preimage. */
export interface TestHtlc {
  readonly from: 'us' | 'them';
  readonly id: bigint;
  readonly sat: bigint;
  readonly expiry: number;
  readonly payment: number;
}

const flipped = (htlc: CommitmentHtlc): CommitmentHtlc => ({
  ...htlc,
  direction: htlc.direction === 'offered' ? 'received' : 'offered',
});

/** Who counts log lines of level `error`: tests expect none unless they say so. */
export class Complaints {
  readonly lines: string[] = [];
  log(level: string, message: string, fields: object = {}): void {
    if (level === 'error')
      this.lines.push(`${message} ${JSON.stringify(fields, (_, v) => (typeof v === 'bigint' ? `${v}` : v))}`);
  }
}

const keysOf = (seed: number) =>
  new KeysManager({ seed: new Uint8Array(32).fill(seed), crypto, entropy: (length) => new Uint8Array(length) });

/** A channel of 1,000,000 sat between us, who are monitored, and a peer that may cheat; on an embedded chain. */
export class World {
  readonly chain = new RegtestChain();
  readonly keys = keysOf(1);
  readonly theirKeys = keysOf(2);
  readonly keysId = this.keys.channelKeysId(false, new Uint8Array(32).fill(7));
  readonly signer: ChannelSigner = this.keys.channelSigner(this.keysId, sat(1_000_000n));
  readonly theirSigner = this.theirKeys.channelSigner(this.keysId, sat(1_000_000n));
  readonly destination: Script = this.keys.destinationScript(this.keysId);
  readonly parameters: ChannelTransactionParameters;
  readonly theirParameters: ChannelTransactionParameters;
  readonly store = new MemoryStore();
  readonly complaints = new Complaints();
  /** Whether the monitor is made anew of its records after everything that happens. */
  readonly restarts: boolean;
  readonly feeWallet: TestFeeWallet | undefined;
  handle = this.store.openNow('node');
  turns: SyncTurns = createSyncTurns(this.handle);
  monitor: ManyChannelMonitor;
  /** All user events, also the handled ones. */
  readonly spendable: SpendableOutput[] = [];
  readonly events: MonitorEvent[] = [];
  htlcs: readonly TestHtlc[] = [];
  ours = 600_000_000n;
  updateId = 0n;
  holder!: HolderCommitment;
  readonly initial: InitialMonitor;
  readonly theirSpecs: CommitmentSpec[] = [];
  readonly listener: ChainListener = {
    tip: () => this.monitor.tip(),
    blockConnected: (block, height) => {
      this.monitor.blockConnected(block, height);
      this.settle();
    },
    blocksDisconnected: (fork) => {
      this.monitor.blocksDisconnected(fork);
      this.settle();
    },
  };

  constructor(
    format: CommitmentFormat,
    options: { readonly restarts?: boolean; readonly weOpen?: boolean; readonly feeWallet?: boolean } = {},
  ) {
    this.restarts = options.restarts ?? false;
    this.feeWallet = options.feeWallet === true ? new TestFeeWallet(this.chain) : undefined;
    const fundingPubkeys = [this.signer.pubkeys.fundingPubkey, this.theirSigner.pubkeys.fundingPubkey] as const;
    const script = fundingScript(crypto, ...fundingPubkeys);
    const funding = this.chain.fund({ script, value: sat(1_000_000n) });
    this.parameters = {
      commitmentFormat: format,
      holderIsOpener: options.weOpen ?? true,
      holder: { pubkeys: this.signer.pubkeys, dustLimitSatoshis: sat(354n), toSelfDelay: 30 },
      counterparty: { pubkeys: this.theirSigner.pubkeys, dustLimitSatoshis: sat(546n), toSelfDelay: 20 },
      fundingOutpoint: funding.outpoints[0]!,
      fundingSatoshis: sat(1_000_000n),
    };
    this.theirParameters = {
      ...this.parameters,
      holderIsOpener: !this.parameters.holderIsOpener,
      holder: this.parameters.counterparty,
      counterparty: this.parameters.holder,
    };
    this.monitor = new ManyChannelMonitor(this.parts());
    this.turns.addListener(this.monitor);
    this.holder = this.signedByThem(this.holderSpec(0n));
    const theirs = this.theirSpec(0n);
    this.theirSpecs.push(theirs);
    this.initial = {
      channelId: channel,
      counterparty: nodeIdOf(crypto.publicKey(new Uint8Array(32).fill(9))),
      channelKeysId: this.keysId,
      parameters: this.parameters,
      fundingScript: script,
      holderCommitment: this.holder,
      counterpartyCommitment: theirs,
      destinationScript: this.destination,
      birthHeight: this.chain.height,
    };
    this.monitor.watchChannel(this.initial);
    this.turns.endTurn();
    this.settle();
    this.chain.attach(this.listener);
  }

  parts(): MonitorParts {
    return {
      crypto,
      signerProvider: this.keys,
      feeEstimator: this.chain,
      broadcaster: this.chain,
      chainWatch: this.chain,
      turns: this.turns,
      logger: this.complaints,
      tip: this.chain.tip,
      compactAfter: 3,
      ...(this.feeWallet && { feeWallet: this.feeWallet }),
    };
  }

  /** Makes everything durable, hears of events, and restarts where asked for. */
  settle(): void {
    this.turns.commitAll();
    for (const { id, event } of this.monitor.pendingEvents()) {
      if (event.kind === 'spendableOutputs') this.spendable.push(...event.outputs);
      this.monitor.eventHandled(id);
    }
    const events = this.monitor.monitorEvents();
    this.events.push(...events.map(({ event }) => event));
    this.monitor.acknowledgeMonitorEvents(events.map(({ id }) => id));
    this.turns.endTurn();
    this.turns.commitAll();
    if (this.restarts) this.restart();
  }

  /** The process dies; what is durable comes back. */
  restart(): void {
    this.handle = this.store.openNow('node');
    this.turns = createSyncTurns(this.handle);
    this.monitor = unwrap(ManyChannelMonitor.restore(this.parts(), this.handle.listNow('')));
    this.turns.addListener(this.monitor);
    this.monitor.rebroadcast();
    this.turns.commitAll();
  }

  // ---- commitments ------------------------------------------------------------------------------------------------

  #htlcs(): readonly CommitmentHtlc[] {
    return this.htlcs.map(({ from, id, sat: amount, expiry, payment }) => ({
      direction: from === 'us' ? 'offered' : 'received',
      id,
      amountMsat: msat(amount * 1000n),
      cltvExpiry: blockHeight(expiry),
      paymentHash: hashOf(payment),
    }));
  }

  /** Our commitment of the channel as it is. */
  holderSpec(index: bigint): CommitmentSpec {
    const of = (from: 'us' | 'them') =>
      this.htlcs.reduce((sum, htlc) => sum + (htlc.from === from ? htlc.sat * 1000n : 0n), 0n);
    return {
      index,
      perCommitmentPoint: ready(this.signer.perCommitmentPoint(index)),
      feeratePerKw: feeratePerKw(1000),
      toBroadcasterMsat: msat(this.ours - of('us')),
      toCountersignerMsat: msat(1_000_000_000n - this.ours - of('them')),
      htlcs: this.#htlcs(),
    };
  }

  theirSpec(index: bigint): CommitmentSpec {
    const { toBroadcasterMsat, toCountersignerMsat, htlcs, ...rest } = this.holderSpec(index);
    return {
      ...rest,
      perCommitmentPoint: ready(this.theirSigner.perCommitmentPoint(index)),
      toBroadcasterMsat: toCountersignerMsat,
      toCountersignerMsat: toBroadcasterMsat,
      htlcs: htlcs.map(flipped),
    };
  }

  signedByThem(spec: CommitmentSpec): HolderCommitment {
    const counterpartySignatures = ready(
      this.theirSigner.signCounterpartyCommitment({ parameters: this.theirParameters, spec }, []),
    );
    return { parameters: this.parameters, spec, counterpartySignatures };
  }

  /** An update as the channel would make it; its turn is ended and durable. */
  update(...steps: readonly MonitorStep[]): WatchAnswer {
    const update: ChannelMonitorUpdate = { channelId: channel, updateId: this.updateId + 1n, steps };
    const answer = this.monitor.updateChannel(update);
    if (answer === 'completed') this.updateId++;
    this.turns.endTurn();
    this.settle();
    return answer;
  }

  /** Their next commitment, signed by us. */
  signTheirs(): WatchAnswer {
    const spec = this.theirSpec(BigInt(this.theirSpecs.length));
    this.theirSpecs.push(spec);
    return this.update({ kind: 'counterpartyCommitment', commitment: spec });
  }

  /** They revoke the one before. */
  revokeTheirs(): WatchAnswer {
    const index = BigInt(this.theirSpecs.length - 2);
    return this.update({
      kind: 'commitmentSecret',
      index,
      secret: ready(this.theirSigner.releaseCommitmentSecret(index)),
    });
  }

  /** Our next commitment, signed by them. */
  signOurs(): WatchAnswer {
    const commitment = this.signedByThem(this.holderSpec(this.holder.spec.index + 1n));
    const answer = this.update({ kind: 'holderCommitment', commitment });
    if (answer === 'completed') this.holder = commitment;
    return answer;
  }

  /** Both sides move to these HTLCs and to this balance of ours (HTLCs of ours included). */
  advance(htlcs: readonly TestHtlc[], ours: bigint = this.ours): void {
    this.htlcs = htlcs;
    this.ours = ours;
    this.signTheirs();
    this.revokeTheirs();
    this.signOurs();
  }

  learn(payment: number): WatchAnswer {
    return this.update({ kind: 'paymentPreimage', paymentHash: hashOf(payment), preimage: preimageOf(payment) });
  }

  // ---- what the peer may do ---------------------------------------------------------------------------------------

  /** Where our last commitment, and our HTLC transactions of it, pay us. */
  holderDelayedScript(): Script {
    return buildCommitment(crypto, this.parameters, 'holder', this.holder.spec).delayed.script;
  }

  /** A commitment of theirs, as they would broadcast it. */
  theirCommitment(index: number): { readonly raw: RawTransaction; readonly built: ReturnType<typeof buildCommitment> } {
    const spec = this.theirSpecs[index]!;
    const built = buildCommitment(crypto, this.theirParameters, 'holder', spec);
    const ours = ready(this.signer.signCounterpartyCommitment({ parameters: this.parameters, spec }, []));
    const theirs = ready(
      this.theirSigner.signHolderCommitment({ parameters: this.theirParameters, spec, counterpartySignatures: ours }),
    );
    return { raw: signedCommitment(built, theirs, ours.signature), built };
  }

  /** The HTLC transaction of an output of theirs; a received one shows the preimage. */
  theirHtlcTransaction(index: number, payment: number): RawTransaction {
    const { built } = this.theirCommitment(index);
    const spec = this.theirSpecs[index]!;
    const at = built.htlcs.findIndex(({ htlc }) => htlc.paymentHash === hashOf(payment));
    const output = built.htlcs[at]!;
    const ours = ready(this.signer.signCounterpartyCommitment({ parameters: this.parameters, spec }, []));
    const theirs = ready(
      this.theirSigner.signHolderHtlc(toRawTransaction(crypto, htlcTransaction(built, output)), 0, {
        parameters: this.theirParameters,
        perCommitmentPoint: spec.perCommitmentPoint,
        witnessScript: output.witnessScript,
        value: output.value,
      }),
    );
    return signedHtlcTransaction(crypto, built, output, ours.htlcSignatures[at]!, theirs, preimageOf(payment));
  }

  /** Their claim, by the preimage, of an HTLC that we offer in our last commitment; it pays 1000 sat. */
  theirClaimOfOurs(payment: number): RawTransaction {
    const { spec } = this.holder;
    const built = buildCommitment(crypto, this.parameters, 'holder', spec);
    const output = built.htlcs.find(({ htlc }) => htlc.paymentHash === hashOf(payment))!;
    const unsigned: Transaction = {
      version: 2,
      inputs: [unsignedInput({ txid: built.raw.txid, vout: output.vout }, built.rules.htlcSequence)],
      outputs: [{ value: sat(output.value - 1000n), script: this.theirKeys.destinationScript(this.keysId) }],
      lockTime: 0,
    };
    const signature = ready(
      this.theirSigner.signCounterpartyHtlc(toRawTransaction(crypto, unsigned), 0, {
        parameters: this.theirParameters,
        perCommitmentPoint: spec.perCommitmentPoint,
        witnessScript: output.witnessScript,
        value: output.value,
      }),
    );
    const witness = htlcPreimageWitness(signature, preimageOf(payment), output.witnessScript);
    return toRawTransaction(crypto, withWitness(unsigned, 0, witness));
  }

  /** A legacy mutual close, signed by both. */
  mutualClose(script: Script, value: bigint): RawTransaction {
    const terms = {
      lockTime: 0,
      sequence: 0xffffffff,
      outputs: [{ value: sat(value), script }],
    };
    const ours = ready(this.signer.signClosing({ parameters: this.parameters, ...terms }));
    const theirs = ready(this.theirSigner.signClosing({ parameters: this.theirParameters, ...terms }));
    const unsigned: Transaction = {
      version: 2,
      inputs: [unsignedInput(this.parameters.fundingOutpoint, terms.sequence)],
      outputs: terms.outputs,
      lockTime: 0,
    };
    return toRawTransaction(crypto, withWitness(unsigned, 0, fundingWitness(this.parameters, ours, theirs)));
  }

  /** Mines these, in the mempool's rules or not. */
  mine(...transactions: readonly RawTransaction[]): void {
    unwrap(this.chain.mineBlock(transactions));
  }

  // ---- what it came to --------------------------------------------------------------------------------------------

  parsed(raw: RawTransaction): Transaction {
    return unwrap(parseTransaction(raw.bytes));
  }

  transaction(txid: RawTransaction['txid']): Transaction {
    return this.parsed(this.chain.transaction(txid)!.transaction);
  }

  spenderOf(outpoint: OutPoint): Transaction | undefined {
    const txid = this.chain.spender(outpoint);
    return txid && this.transaction(txid);
  }

  /** Sweeps what the user was told of, each by a transaction that pays 200 sat, and mines that. @returns what came home, fees not taken off. */
  sweepAll(): Sat {
    let home = 0n;
    const signer = this.signer as InMemorySigner;
    for (const output of this.spendable.splice(0)) {
      home += output.value;
      if (output.claim.kind === 'wallet') continue;
      const { claim, delay } = output.claim;
      const unsigned: Transaction = {
        version: 2,
        inputs: [unsignedInput(output.outpoint, delay === 0 ? 0xfffffffd : delay)],
        outputs: [{ value: sat(output.value - 200n), script: this.destination }],
        lockTime: 0,
      };
      const signature = ready(signer.signSweep(toRawTransaction(crypto, unsigned), 0, claim));
      const witness =
        claim.kind === 'delayed'
          ? delayedWitness(signature, claim.witnessScript)
          : delay === 0
            ? p2wpkhWitness(signature, signer.pubkeys.paymentBasepoint)
            : signatureWitness(signature, this.#toRemoteScript());
      unwrap(this.chain.submit(toRawTransaction(crypto, withWitness(unsigned, 0, witness))));
    }
    this.chain.mine();
    return sat(home);
  }

  #toRemoteScript(): Script {
    const built = buildCommitment(crypto, this.parameters, 'counterparty', this.theirSpec(0n));
    const output = built.outputs.find(({ kind }) => kind === 'toRemote');
    if (output?.kind !== 'toRemote' || output.witnessScript === undefined) throw new Error('no to_remote');
    return output.witnessScript;
  }

  isResolved(): boolean {
    return this.events.some(({ kind }) => kind === 'resolved');
  }

  /** Mines until everything is resolved. */
  mineUntilResolved(most = 200): void {
    for (let i = 0; i < most && !this.isResolved(); i++) this.chain.mine();
  }

  key(outpoint: OutPoint): string {
    return outPointKey(outpoint);
  }
}
