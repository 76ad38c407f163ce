import { assertNever, err, type Msat, ok, type PaymentHash, type Result } from '@boltwright/base';
import {
  type ChannelCommand,
  type ChannelEffect,
  type ChannelEnv,
  type ChannelError,
  type ChannelInput,
  type ChannelRefusal,
  encodeChannelState,
  type HtlcFailure,
  type HtlcSource,
  type ReceivedHtlc,
  transition,
} from '@boltwright/channel';
import type { ChannelMonitorUpdate, ClosureReason, WatchAnswer } from '@boltwright/interfaces';
import type { Core } from '../core/core.ts';
import type { Gate } from '../core/gate.ts';
import type { Outgoing } from '../core/outbox.ts';
import { errorMessage } from '../peers/error-message.ts';
import { channelKey, type WatchOffer, watchCodec, watchKey } from '../records.ts';
import { fundedState, type LiveChannel } from './live-channel.ts';

/** What the rest of the manager does about a channel's effects. */
export interface EffectHandlers {
  /** At once: its onion is ours to keep from here. */
  htlcArrived(channel: LiveChannel, htlc: ReceivedHtlc): void;
  /** Once the watch has what came before: it is forwarded, taken or failed. */
  htlcReceived(channel: LiveChannel, htlcId: bigint): void;
  htlcFulfilled(channel: LiveChannel, htlc: FulfilledHtlc): void;
  /** `after`: what it promises upstream waits for this update of the channel. */
  htlcFailed(channel: LiveChannel, htlc: FailedHtlc, after: Gate | undefined): void;
  htlcRemoved(channel: LiveChannel, htlcId: bigint): void;
  /** The counterparty signed our first commitment. */
  fundingSigned(channel: LiveChannel): void;
  ready(channel: LiveChannel): void;
  closed(channel: LiveChannel, reason: ClosureReason): void;
}

export interface FulfilledHtlc {
  readonly id: bigint;
  readonly source: HtlcSource;
  readonly paymentHash: PaymentHash;
  readonly amountMsat: Msat;
  readonly preimage: Uint8Array;
}
export interface FailedHtlc {
  readonly id: bigint;
  readonly source: HtlcSource;
  readonly paymentHash: PaymentHash;
  readonly failure: HtlcFailure;
}

/** A step that was not made: the channel is as it was, or frozen, or over. */
export type StepProblem =
  | ChannelError
  | ChannelRefusal
  | { readonly kind: 'frozen'; readonly message: string }
  | { readonly kind: 'dropped'; readonly message: string };

export interface StepOptions {
  /** Grows by what the watch has not completed of this step; everything that the step sends waits for all of it. */
  readonly gates?: Gate[];
  /** False where a lost connection undoes the step: a restart loses nothing by it. */
  readonly persist?: boolean;
  /** False after a `commit`: it signed what there was. */
  readonly commit?: boolean;
}

/** BOLT 2, Message Retransmission: an update of theirs that no `commitment_signed` covers is forgotten. */
const uncommittedUpdates = [
  'update_add_htlc',
  'update_fulfill_htlc',
  'update_fail_htlc',
  'update_fail_malformed_htlc',
  'update_fee',
];

const persistence = (input: ChannelInput): Pick<StepOptions, 'persist' | 'commit'> => ({
  persist: input.kind !== 'message' || !uncommittedUpdates.includes(input.message.type),
  commit: input.kind !== 'command' || input.command.kind !== 'commit',
});

/** Why nothing is done with a channel; undefined where it goes on. */
export const whyStopped = ({ frozen, suspended }: Pick<LiveChannel, 'frozen' | 'suspended'>): string | undefined =>
  frozen ?? (suspended ? 'the watch has not said where it stands' : undefined);

/**
 * What the chain says is true of a stopped channel too, and told but once; none of it tells the watch anything. And a
 * preimage goes to a frozen channel's monitor, which claims by it: without it the money of a forward is lost.
 */
function isTakenRegardless(channel: LiveChannel, input: ChannelInput): boolean {
  if (['block', 'fundingConfirmed', 'fundingUnconfirmed', 'closing', 'fundingSpent'].includes(input.kind)) return true;
  if (channel.suspended || channel.lostData) return false;
  return input.kind === 'command' && input.command.kind === 'fulfillHtlc';
}

/** Channels whose HTLCs, closes and retransmissions the shell performs (ARCHITECTURE.md, rule 3). */
export class ChannelShell {
  readonly #core: Core;
  readonly #handlers: EffectHandlers;

  constructor(core: Core, handlers: EffectHandlers) {
    this.#core = core;
    this.#handlers = handlers;
  }

  env(channel: Pick<LiveChannel, 'signer' | 'config'>): ChannelEnv {
    const { crypto, chainHash, config, feeEstimator } = this.#core.parts;
    return {
      crypto,
      chainHash,
      config,
      signer: channel.signer,
      channelConfig: channel.config,
      height: this.#core.height,
      feerate: (target) => feeEstimator.feerate(target),
    };
  }

  command(channel: LiveChannel, command: ChannelCommand, options?: StepOptions) {
    return this.perform(channel, { kind: 'command', command }, options);
  }

  /** One input to one channel: its state, its monitor, and what follows. */
  perform(
    channel: LiveChannel,
    input: ChannelInput,
    options: StepOptions = {},
  ): Result<readonly ChannelEffect[], StepProblem> {
    const stopped = whyStopped(channel);
    if (stopped !== undefined && !isTakenRegardless(channel, input)) return err({ kind: 'frozen', message: stopped });
    try {
      const step = transition(channel.state, input, this.env(channel));
      if (!step.ok) return step;
      return this.install(channel, step.value, { ...options, ...persistence(input) });
    } catch (error) {
      return this.#unexpected(channel, input.kind, error);
    }
  }

  /** Takes a step over: first the watch, then the state, then the rest. */
  install(
    channel: LiveChannel,
    step: { readonly state: LiveChannel['state']; readonly effects: readonly ChannelEffect[] },
    options: StepOptions = {},
  ): Result<readonly ChannelEffect[], StepProblem> {
    const gates = options.gates ?? [];
    if (this.#takesForeignId(channel, step.state)) return this.#refuseFunding(channel);
    for (const effect of step.effects) {
      if (effect.kind !== 'watchChannel' && effect.kind !== 'updateMonitor') continue;
      const answer = this.#tellWatch(channel, effect, gates);
      if (answer === 'closing') return this.#drop(channel, effect.kind);
      if (answer === 'failed') {
        this.freeze(channel, 'the watch could not make an update durable');
        return err({ kind: 'frozen', message: 'the watch failed' });
      }
    }
    const before = channel.state;
    channel.state = step.state;
    if (before.channelId !== step.state.channelId || fundedState(before) === undefined) {
      this.#core.registry.renamed(channel, before.channelId);
    }
    if (before !== step.state && (options.persist !== false || gates.length > 0)) this.#core.dirty.add(channel);
    if (options.commit !== false && (before !== step.state || step.effects.length > 0)) {
      this.#core.uncommitted.add(channel);
    }
    for (const effect of step.effects) this.#run(channel, effect, gates);
    return ok(step.effects);
  }

  /** Something that must not happen: nothing more is done with this channel; its monitor guards it. */
  freeze(channel: LiveChannel, message: string): void {
    if (channel.frozen !== undefined) return;
    channel.frozen = message;
    const { channelId } = channel.state;
    this.#core.parts.logger.log('error', 'channel frozen', { channelId, message });
    this.#core.raise({ kind: 'channelFrozen', channelId, message });
  }

  /** Stages what changed, at the end of a turn. */
  stage(channel: LiveChannel): void {
    const state = fundedState(channel.state);
    if (state === undefined || !channel.watched) return;
    this.#core.parts.turns.put(channelKey(state.channelId), encodeChannelState(state));
  }

  /** `channel` waits for its outstanding updates; undefined where there are none. */
  latestGate(channel: LiveChannel): Gate | undefined {
    let latest: bigint | undefined;
    for (const updateId of channel.outstanding) if (latest === undefined || updateId > latest) latest = updateId;
    return latest === undefined ? undefined : { channelId: channel.state.channelId, updateId: latest };
  }

  /** Offers an update that a watch had not completed before the restart once more. */
  offerAgain(channel: LiveChannel, offer: WatchOffer): WatchAnswer {
    const { watch } = this.#core.parts;
    const updateId = offer.kind === 'initial' ? 0n : offer.update.updateId;
    const answer = offer.kind === 'initial' ? watch.watchChannel(offer.initial) : watch.updateChannel(offer.update);
    if (answer === 'inProgress') channel.outstanding.add(updateId);
    if (answer === 'completed') this.#core.parts.turns.delete(watchKey(channel.state.channelId, updateId));
    return answer;
  }

  #tellWatch(
    channel: LiveChannel,
    effect: Extract<ChannelEffect, { readonly kind: 'watchChannel' | 'updateMonitor' }>,
    gates: Gate[],
  ): WatchAnswer {
    const { watch, turns } = this.#core.parts;
    const offer: WatchOffer =
      effect.kind === 'watchChannel'
        ? { kind: 'initial', initial: effect.initial }
        : { kind: 'update', update: this.#withDependencies(channel, effect.update) };
    const answer = offer.kind === 'initial' ? watch.watchChannel(offer.initial) : watch.updateChannel(offer.update);
    if (answer === 'completed' || answer === 'inProgress') channel.watched = true;
    if (answer === 'inProgress') {
      const channelId = offer.kind === 'initial' ? offer.initial.channelId : offer.update.channelId;
      const updateId = offer.kind === 'initial' ? 0n : offer.update.updateId;
      channel.outstanding.add(updateId);
      gates.push({ channelId, updateId });
      turns.put(watchKey(channelId, updateId), watchCodec.encode(offer));
    }
    return answer;
  }

  /** Rule 6: what forgets a preimage here is not durable before what keeps it upstream. */
  #withDependencies(channel: LiveChannel, update: ChannelMonitorUpdate): ChannelMonitorUpdate {
    channel.dependencies = channel.dependencies.filter((gate) => !this.#core.isOpen(gate));
    return channel.dependencies.length === 0 ? update : { ...update, dependsOn: channel.dependencies };
  }

  #run(channel: LiveChannel, effect: ChannelEffect, gates: readonly Gate[]): void {
    const core = this.#core;
    switch (effect.kind) {
      case 'watchChannel':
        core.raise(
          {
            kind: 'channelPending',
            channelId: effect.initial.channelId,
            temporaryChannelId: channel.temporaryChannelId,
            counterparty: channel.counterparty,
            fundingOutpoint: effect.initial.parameters.fundingOutpoint,
          },
          gates.at(-1),
        );
        return;
      case 'updateMonitor':
      case 'htlcOffered':
        return;
      case 'send': {
        const peer = core.peers.get(channel.counterparty);
        if (peer === undefined || channel.frozen !== undefined) return;
        this.#out(channel, { kind: 'send', connection: peer.connection, message: effect.message }, gates);
        return;
      }
      case 'disconnect': {
        const peer = core.peers.get(channel.counterparty);
        if (peer === undefined) return;
        this.#out(channel, { kind: 'disconnect', connection: peer.connection, reason: effect.reason }, gates);
        return;
      }
      case 'broadcast':
        this.#out(channel, { kind: 'broadcast', transaction: effect.transaction }, gates);
        return;
      case 'broadcastFunding':
        core.later(() => this.#handlers.fundingSigned(channel), channel);
        this.#out(channel, { kind: 'broadcastFunding', channelId: channel.state.channelId }, gates);
        return;
      case 'htlcReceived':
        this.#handlers.htlcArrived(channel, effect.htlc);
        this.whenWatched(channel, () => this.#handlers.htlcReceived(channel, effect.htlc.id));
        return;
      case 'htlcFulfilled':
        // Rule 6: a preimage goes upstream at once.
        core.later(() => this.#handlers.htlcFulfilled(channel, effect), channel);
        return;
      case 'htlcFailed': {
        const after = this.latestGate(channel);
        core.later(() => this.#handlers.htlcFailed(channel, effect, after), channel);
        return;
      }
      case 'htlcRemoved':
        core.later(() => this.#handlers.htlcRemoved(channel, effect.id), channel);
        return;
      case 'fundingNeeded':
        core.raise({
          kind: 'fundingGenerationReady',
          temporaryChannelId: channel.temporaryChannelId,
          counterparty: channel.counterparty,
          value: effect.value,
          script: effect.script,
        });
        return;
      case 'channelIdAssigned':
        return;
      case 'watchFunding':
        core.parts.chainWatch?.watchTransaction(effect.outpoint.txid, effect.script);
        return;
      case 'ready':
        core.later(() => this.#handlers.ready(channel), channel);
        return;
      case 'closed':
        core.later(() => this.#handlers.closed(channel, effect.reason), channel);
        return;
      default:
        assertNever(effect);
        return;
    }
  }

  #out(channel: LiveChannel, outgoing: Outgoing, gates: readonly Gate[]): void {
    // Every outstanding update of the channel is before what is said now, not only this step's. `gates` may still grow
    // within the claim that it belongs to, so it is kept as it is.
    this.#core.say(channel, outgoing, [this.#ownGates(channel), gates]);
  }

  #ownGates(channel: LiveChannel): Gate[] {
    const { channelId } = channel.state;
    return [...channel.outstanding].map((updateId) => ({ channelId, updateId }));
  }

  /** Now where the watch has everything of this channel, or once it has. */
  whenWatched(channel: LiveChannel, run: () => void): void {
    if (channel.outstanding.size === 0) {
      this.#core.later(run, channel);
      return;
    }
    channel.held.push({ gates: this.#ownGates(channel), run });
  }

  /** An outpoint that funds another channel already, named by a peer or by our user. */
  #takesForeignId(channel: LiveChannel, next: LiveChannel['state']): boolean {
    if (next.channelId === channel.state.channelId || fundedState(next) === undefined) return false;
    return this.#core.registry.funded(next.channelId) !== undefined;
  }

  #refuseFunding(channel: LiveChannel): Result<never, StepProblem> {
    const { channelId } = channel.state;
    const message = 'the funding outpoint is another channel\u2019s';
    const peer = this.#core.peers.get(channel.counterparty);
    if (peer !== undefined) {
      this.#core.peers.send(channel.counterparty, peer.connection, errorMessage(channelId, message));
    }
    this.#core.later(() => this.#handlers.closed(channel, { kind: 'fundingAborted', message }), channel);
    return err({ kind: 'dropped', message });
  }

  /** The watch is closing the channel: the step never was. */
  #drop(channel: LiveChannel, what: string): Result<never, StepProblem> {
    const message = 'our commitment may be on its way to the chain';
    this.#core.parts.logger.log('warn', 'step dropped', { channelId: channel.state.channelId, what });
    this.#core.later(() => this.perform(channel, { kind: 'closing', reason: message }), channel);
    return err({ kind: 'dropped', message });
  }

  #unexpected(channel: LiveChannel, what: string, error: unknown): Result<never, StepProblem> {
    const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    this.freeze(channel, message);
    return err({ kind: 'frozen', message });
  }
}
