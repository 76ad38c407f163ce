import type { ShortChannelId } from '@boltwright/base';
import type { Logger, Path, Scorer } from '@boltwright/interfaces';

/**
 * Tells a scorer what became of our payments' parts. It prices routes and no more: one that throws is logged, and costs
 * no payment and no channel anything.
 */
export class ScorerLessons {
  readonly #scorer: Scorer | undefined;
  readonly #logger: Logger;

  constructor(scorer: Scorer | undefined, logger: Logger) {
    this.#scorer = scorer;
    this.#logger = logger;
  }

  pathSucceeded(path: Path): void {
    this.#tell((scorer) => scorer.pathSucceeded(path));
  }

  /** @param failedAt - undefined where no channel is known to be at fault: then there is nothing to learn. */
  pathFailed(path: Path, failedAt: ShortChannelId | undefined): void {
    if (failedAt !== undefined) this.#tell((scorer) => scorer.pathFailed(path, failedAt));
  }

  timePassed(seconds: number): void {
    if (seconds > 0) this.#tell((scorer) => scorer.timePassed(seconds));
  }

  #tell(lesson: (scorer: Scorer) => void): void {
    if (this.#scorer === undefined) return;
    try {
      lesson(this.#scorer);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#logger.log('error', 'the scorer threw', { message });
    }
  }
}
