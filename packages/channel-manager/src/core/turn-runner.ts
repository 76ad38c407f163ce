import type { ChannelShell } from '../channels/channel-shell.ts';
import type { LiveChannel } from '../channels/live-channel.ts';
import type { Core } from './core.ts';
import type { Outgoing } from './outbox.ts';

/** What a runner does with what may leave. */
export interface Releases {
  release(channel: LiveChannel, outgoing: Outgoing): void;
}

/**
 * Runs public calls as turns: the work, what came up meanwhile, one `commit` a touched channel, one batch (rule 4).
 *
 * An exception in the step of one channel freezes that channel; the others go on.
 */
export class TurnRunner {
  readonly #core: Core;
  readonly #shell: ChannelShell;
  readonly #releases: Releases;
  #deferred: (() => void)[] = [];
  #releasing = false;
  #again = false;

  constructor(core: Core, shell: ChannelShell, releases: Releases) {
    this.#core = core;
    this.#shell = shell;
    this.#releases = releases;
  }

  /** @throws Error when called from within a turn: by a port that calls back, a mistake of its author. */
  run<T>(work: () => T): T {
    if (this.#core.clock.running) throw new Error('a ChannelManager is called from within one of its own calls');
    this.#core.clock.begin();
    try {
      return work();
    } finally {
      this.#settle();
      this.#core.clock.end();
      this.release();
      for (const next of this.#deferred.splice(0)) this.run(next);
    }
  }

  /**
   * As {@link run}, for what is told from outside: it never throws, and what a port says while it is being called waits
   * for the turn's end.
   */
  report(work: () => void): void {
    const guarded = () => this.#guarded(undefined, work);
    if (this.#core.clock.running) this.#deferred.push(guarded);
    else this.run(guarded);
  }

  /**
   * Lets out what is durable. A port that calls back while it is called does not overtake what was to come after it: a
   * channel's messages are read in order.
   */
  release(): void {
    this.#again = true;
    if (this.#releasing) return;
    this.#releasing = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#releaseOnce();
      }
    } finally {
      this.#releasing = false;
    }
  }

  #releaseOnce(): void {
    const { clock, speaking } = this.#core;
    if (clock.failure !== undefined) return;
    for (const channel of [...speaking]) {
      if (channel.outbox.isEmpty) {
        speaking.delete(channel);
        continue;
      }
      const ready = channel.outbox.release(
        (turn, gates) =>
          clock.isDurable(turn) && gates.every((group) => group.every((gate) => this.#core.isOpen(gate))),
      );
      // A port that throws (a broadcaster, say) keeps nothing else from leaving, and no other listener from hearing.
      for (const outgoing of ready) this.#guarded(undefined, () => this.#releases.release(channel, outgoing));
    }
  }

  #settle(): void {
    const { uncommitted, dirty } = this.#core;
    for (;;) {
      const work = this.#core.takeWork();
      if (work !== undefined) {
        this.#guarded(work.channel, work.run);
        continue;
      }
      const [channel] = uncommitted;
      if (channel === undefined) break;
      uncommitted.delete(channel);
      if (channel.frozen === undefined) this.#guarded(channel, () => this.#commit(channel));
    }
    for (const channel of dirty) this.#guarded(channel, () => this.#shell.stage(channel));
    dirty.clear();
  }

  #commit(channel: LiveChannel): void {
    const signed = this.#shell.command(channel, { kind: 'commit' });
    if (signed.ok || signed.error.kind === 'dropped' || signed.error.kind === 'frozen') return;
    this.#core.parts.logger.log('debug', 'nothing to commit', {
      channelId: channel.state.channelId,
      message: signed.error.message,
    });
  }

  #guarded(channel: LiveChannel | undefined, run: () => void): void {
    try {
      run();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#core.parts.logger.log('error', 'unexpected exception', { message });
      if (channel !== undefined) this.#shell.freeze(channel, message);
    }
  }
}
