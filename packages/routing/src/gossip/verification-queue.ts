import type { Logger } from '@boltwright/interfaces';
import type { SignatureBatchId, SignatureCheck, SignatureVerifier } from './signature-checks.ts';

/** A message whose signatures are to be checked. */
export interface Verifiable {
  /** The same for the same bytes. */
  readonly key: string;
  readonly checks: readonly SignatureCheck[];
}

/** Gathers messages into batches, hands them to the verifier, and each back when all its signatures are judged. */
export class VerificationQueue<J extends Verifiable> {
  readonly #verifier: SignatureVerifier;
  readonly #logger: Logger;
  readonly #batchSize: number;
  readonly #done: (job: J, valid: boolean) => void;
  readonly #dropped: (job: J) => void;
  readonly #byKey = new Map<string, J>();
  readonly #underWay = new Map<SignatureBatchId, { readonly jobs: readonly J[]; ticks: number }>();
  #waiting: J[] = [];
  #nextBatch = 1;
  #submitting = false;

  /**
   * @param done - Takes a judged job; may add others.
   * @param dropped - Takes a job that the verifier failed to judge.
   */
  constructor(
    verifier: SignatureVerifier,
    logger: Logger,
    batchSize: number,
    done: (job: J, valid: boolean) => void,
    dropped: (job: J) => void,
  ) {
    this.#verifier = verifier;
    this.#logger = logger;
    this.#batchSize = batchSize;
    this.#done = done;
    this.#dropped = dropped;
  }

  get size(): number {
    return this.#byKey.size;
  }

  find(key: string): J | undefined {
    return this.#byKey.get(key);
  }

  add(job: J): void {
    this.#byKey.set(job.key, job);
    this.#waiting.push(job);
    if (this.#waiting.length >= this.#batchSize) this.submit();
  }

  /** Hands over all that waits. */
  submit(): void {
    // What judged jobs let go joins the loop that is running.
    if (this.#submitting) return;
    this.#submitting = true;
    try {
      while (this.#waiting.length > 0) {
        const jobs = this.#waiting.splice(0, this.#batchSize);
        const batch = this.#nextBatch++ as SignatureBatchId;
        this.#underWay.set(batch, { jobs, ticks: 0 });
        const answer = this.#ask(
          batch,
          jobs.flatMap(({ checks }) => checks),
        );
        if (answer !== undefined) this.#settle(batch, answer);
      }
    } finally {
      this.#submitting = false;
    }
  }

  /** The answer to a batch that was `pending`. One that is unknown or answered before is passed over. */
  checked(batch: SignatureBatchId, answers: readonly boolean[]): void {
    this.#settle(batch, answers);
    this.submit();
  }

  /** Counts a tick; gives up batches that were not answered within `limit` of them. */
  countTick(limit: number): void {
    for (const [batch, entry] of [...this.#underWay]) {
      entry.ticks += 1;
      if (entry.ticks <= limit) continue;
      this.#logger.log('error', 'the signature verifier did not answer', { batch, messages: entry.jobs.length });
      this.#underWay.delete(batch);
      for (const job of entry.jobs) {
        this.#byKey.delete(job.key);
        this.#dropped(job);
      }
    }
  }

  /** Undefined where it comes later. */
  #ask(batch: SignatureBatchId, checks: readonly SignatureCheck[]): readonly boolean[] | undefined {
    try {
      const answer = this.#verifier.verify(batch, checks);
      return answer.kind === 'ready' ? answer.value : undefined;
    } catch (error) {
      this.#logger.log('error', 'the signature verifier threw', {
        error: error instanceof Error ? error.message : String(error),
      });
      return [];
    }
  }

  #settle(batch: SignatureBatchId, answers: readonly boolean[]): void {
    const jobs = this.#underWay.get(batch)?.jobs;
    if (jobs === undefined) return;
    this.#underWay.delete(batch);
    const wanted = jobs.reduce((sum, { checks }) => sum + checks.length, 0);
    if (answers.length !== wanted) {
      this.#logger.log('error', 'the signature verifier answered something else', { wanted, got: answers.length });
    }
    let at = 0;
    for (const job of jobs) {
      this.#byKey.delete(job.key);
      const verdicts = answers.slice(at, at + job.checks.length);
      at += job.checks.length;
      if (answers.length !== wanted) this.#dropped(job);
      else
        this.#done(
          job,
          verdicts.every((verdict) => verdict),
        );
    }
  }
}
