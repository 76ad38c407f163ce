import {
  type Block,
  type BlockHeight,
  type FeeratePerKw,
  type OutPointKey,
  outPointKey,
  type RawTransaction,
  type Script,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type {
  BlockLocation,
  BroadcasterInterface,
  ChainListener,
  EventId,
  FeeEstimator,
  Logger,
  SignerProvider,
  SpendableOutput,
} from '@boltwright/interfaces';
import { chainDeadlines, parseTransaction } from '@boltwright/transactions';
import { leastFeerate, type SweepOutput, signSweep, sweepTransaction, worthSweeping } from './sweep-transaction.ts';

/** What a `Sweeper` is made of. */
export interface SweeperParts {
  readonly crypto: CryptoBackend;
  readonly signerProvider: Pick<SignerProvider, 'channelSigner'>;
  readonly feeEstimator: FeeEstimator;
  readonly broadcaster: BroadcasterInterface;
  readonly logger: Logger;
  /** A block before the outputs': a wallet's birthday is one. */
  readonly tip: BlockLocation;
}

/** Outputs of an event that go into one transaction. */
interface Part {
  readonly outputs: readonly SweepOutput[];
  /** The same bytes are broadcast until what they spend is spent, or until fees have risen. */
  made: Made | undefined;
}

interface Made {
  readonly transaction: RawTransaction;
  readonly feerate: FeeratePerKw;
  readonly spends: readonly SweepOutput[];
}

/** What one event told of. */
interface Job {
  readonly parts: readonly Part[];
  readonly script: Script;
}

/** So many inputs stay far below the weight that is relayed. */
const maxInputs = 100;

/**
 * Brings home what `spendableOutputs` told of: one transaction an event to a script of the wallet's, broadcast with each
 * block until what it spends is spent and buried.
 *
 * It keeps no record. An event is left unhandled until {@link Sweeper.isDone}: it is told again after a restart, and the
 * chain, read from `tip` on, says what became of its outputs. Add the events that are pending, attach it to the chain,
 * then {@link Sweeper.start} it: until then it only listens.
 */
export class Sweeper implements ChainListener {
  readonly #parts: SweeperParts;
  readonly #jobs = new Map<EventId, Job>();
  readonly #wanted = new Set<OutPointKey>();
  readonly #spent = new Map<OutPointKey, BlockHeight>();
  #tip: BlockLocation;
  #started = false;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#tip = parts.tip;
  }

  /**
   * Takes an event's outputs; those that pay the wallet already need nothing. An event that is known changes nothing.
   *
   * @param script - where the coins go. The same one for the same event makes the same transaction after a restart.
   */
  add(id: EventId, outputs: readonly SpendableOutput[], script: Script): void {
    if (this.#jobs.has(id)) return;
    const swept = outputs.filter(isSweep);
    const parts: Part[] = [];
    for (let at = 0; at < swept.length; at += maxInputs) {
      parts.push({ outputs: swept.slice(at, at + maxInputs), made: undefined });
    }
    const job: Job = { parts, script };
    this.#jobs.set(id, job);
    for (const { outpoint } of swept) this.#wanted.add(outPointKey(outpoint));
    if (this.#started) this.#bringHome(job);
  }

  /** Whether nothing is left to do for an event: each output is spent and buried, or is not worth a transaction ever. */
  isDone(id: EventId): boolean {
    const job = this.#jobs.get(id);
    if (job === undefined) return false;
    return job.parts.every(({ outputs }) => {
      const open = outputs.filter(({ outpoint }) => !this.#isBuried(outPointKey(outpoint)));
      return sweepTransaction(worthSweeping(open, leastFeerate), job.script, leastFeerate) === undefined;
    });
  }

  /** The event was handled: it is not told again. */
  forget(id: EventId): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#jobs.delete(id);
    for (const { outpoint } of job.parts.flatMap(({ outputs }) => outputs)) {
      this.#wanted.delete(outPointKey(outpoint));
      this.#spent.delete(outPointKey(outpoint));
    }
  }

  /** From now on it broadcasts: call it once it stands on the chain's tip. */
  start(): void {
    this.#started = true;
    for (const job of this.#jobs.values()) this.#bringHome(job);
  }

  // ---- ChainListener ----------------------------------------------------------------------------------------------

  tip(): BlockLocation {
    return this.#tip;
  }

  blockConnected(block: Block, height: BlockHeight): void {
    if (block.header.hash === this.#tip.hash) return;
    if (this.#wanted.size > 0) for (const raw of block.transactions) this.#look(raw, height);
    this.#tip = { hash: block.header.hash, height };
    if (this.#started) for (const job of this.#jobs.values()) this.#bringHome(job);
  }

  blocksDisconnected(forkPoint: BlockLocation): void {
    for (const [key, height] of this.#spent) if (height > forkPoint.height) this.#spent.delete(key);
    this.#tip = forkPoint;
  }

  // ---- inside -----------------------------------------------------------------------------------------------------

  #look(raw: RawTransaction, height: BlockHeight): void {
    const parsed = parseTransaction(raw.bytes);
    if (!parsed.ok) return;
    for (const { outpoint } of parsed.value.inputs) {
      const key = outPointKey(outpoint);
      if (this.#wanted.has(key)) this.#spent.set(key, height);
    }
  }

  #isBuried(key: OutPointKey): boolean {
    const height = this.#spent.get(key);
    return height !== undefined && this.#tip.height - height + 1 >= chainDeadlines.burialBlocks;
  }

  #bringHome({ parts, script }: Job): void {
    for (const part of parts) {
      try {
        part.made = this.#made(part, script);
      } catch (error) {
        // A signer that refuses: the others go on, and this one is tried again with the next block.
        const message = error instanceof Error ? error.message : String(error);
        this.#parts.logger.log('error', 'outputs could not be swept', { message });
      }
      if (part.made !== undefined) this.#parts.broadcaster.broadcastPackage([part.made.transaction]);
    }
  }

  /** The transaction as it was, or a new one where there was none, part of it is spent, or fees have risen. */
  #made({ outputs, made }: Part, script: Script): Made | undefined {
    const { crypto, feeEstimator, signerProvider } = this.#parts;
    const feerate = Math.max(leastFeerate, feeEstimator.feerate('outputSpending')) as FeeratePerKw;
    const isOpen = ({ outpoint }: SweepOutput): boolean => !this.#spent.has(outPointKey(outpoint));
    // BIP 125: a replacement pays for its own relay, too.
    if (made?.spends.every(isOpen) && feerate < made.feerate * 1.25 + leastFeerate) return made;
    const spends = worthSweeping(outputs.filter(isOpen), feerate);
    const unsigned = sweepTransaction(spends, script, feerate);
    if (unsigned === undefined) return made?.spends.every(isOpen) ? made : undefined;
    const signed = signSweep(crypto, unsigned, spends, ({ channelKeysId, claim }) =>
      signerProvider.channelSigner(channelKeysId, claim.claim.parameters.fundingSatoshis),
    );
    return signed.kind === 'ready' ? { transaction: signed.value, feerate, spends } : made;
  }
}

const isSweep = (output: SpendableOutput): output is SweepOutput => output.claim.kind === 'sweep';
