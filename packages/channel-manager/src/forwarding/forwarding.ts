import { invariant, type Msat } from '@boltwright/base';
import type { HtlcSource, ReceivedHtlc } from '@boltwright/channel';
import { encodeFailure, type Failure, failureCodeOf } from '@boltwright/onion';
import { type OnionPayload, onionPayload } from '@boltwright/wire';
import type { ChannelShell, FailedHtlc, FulfilledHtlc } from '../channels/channel-shell.ts';
import { fundedState, type LiveChannel } from '../channels/live-channel.ts';
import type { Core } from '../core/core.ts';
import type { Gate } from '../core/gate.ts';
import { deadlines } from '../deadlines.ts';
import type { InboundHtlc } from '../records.ts';
import { forwardProblem } from './forward-policy.ts';
import { htlcKey, type InboundHtlcs } from './inbound-htlcs.ts';
import { readOnion } from './onion-reader.ts';
import type { Settlements } from './settlements.ts';

type ForwardSource = Extract<HtlcSource, { readonly kind: 'forward' }>;

/** Who takes the HTLCs that end here. */
export interface FinalHop {
  received(htlc: InboundHtlc, payload: OnionPayload, resumed: boolean): void;
}

/** Received HTLCs: peeled, then taken here or offered to the next node; and what becomes of those. */
export class Forwarding {
  readonly #core: Core;
  readonly #shell: ChannelShell;
  readonly #inbound: InboundHtlcs;
  readonly #settlements: Settlements;
  readonly #finalHop: FinalHop;
  /** Peeled, to be forwarded with the next batch. */
  readonly #queue = new Map<string, InboundHtlc>();
  /** Found by a restart, when no peer was connected yet: they are given a little time, in ticks. */
  readonly #patient = new Map<string, { readonly htlc: InboundHtlc; ticks: number }>();
  readonly #resumed = new Set<string>();
  /** The node's key could not be asked yet. */
  readonly #unread = new Map<string, InboundHtlc>();

  constructor(core: Core, shell: ChannelShell, inbound: InboundHtlcs, settlements: Settlements, finalHop: FinalHop) {
    this.#core = core;
    this.#shell = shell;
    this.#inbound = inbound;
    this.#settlements = settlements;
    this.#finalHop = finalHop;
  }

  /** Keeps an HTLC in the batch of the step that brought it. */
  arrived(channel: LiveChannel, htlc: ReceivedHtlc): void {
    const { id, amountMsat, paymentHash, cltvExpiry, onionRoutingPacket, pathKey, exceedsDustExposure } = htlc;
    this.#inbound.put({
      channelId: channel.state.channelId,
      htlcId: id,
      amountMsat,
      paymentHash,
      cltvExpiry,
      onion: onionRoutingPacket,
      ...(pathKey === undefined ? {} : { pathKey }),
      ...(exceedsDustExposure === undefined ? {} : { exceedsDustExposure }),
    });
  }

  received(channel: LiveChannel, htlcId: bigint): void {
    const htlc = this.#inbound.get(channel.state.channelId, htlcId);
    if (htlc !== undefined) this.handle(htlc);
  }

  /** What a restart finds without an outcome and without an HTLC offered for it. */
  resume(htlc: InboundHtlc): void {
    this.#resumed.add(htlcKey(htlc.channelId, htlc.htlcId));
    this.handle(htlc);
  }

  /** A channel can be used again. */
  reestablished(): void {
    for (const [key, { htlc }] of this.#patient) this.#queue.set(key, htlc);
    if (this.#patient.size > 0) this.#core.later(() => this.forwardAll());
  }

  timerTick(): void {
    for (const [key, waiting] of [...this.#patient]) {
      waiting.ticks += 1;
      if (waiting.ticks < deadlines.resumedForwardTicks) continue;
      this.#patient.delete(key);
      this.#resumed.delete(key);
      this.fail(waiting.htlc, { kind: 'temporary_channel_failure' });
    }
  }

  handle(htlc: InboundHtlc): void {
    const { crypto, keys } = this.#core.parts;
    const key = htlcKey(htlc.channelId, htlc.htlcId);
    const read = readOnion(crypto, keys, htlc);
    if (read.kind === 'pending') {
      this.#unread.set(key, htlc);
      return;
    }
    this.#unread.delete(key);
    if (!read.value.ok) {
      const refusal = read.value.error;
      if (refusal.kind === 'malformed') {
        this.#failMalformed(htlc, refusal.failure);
        return;
      }
      const { onion: _onion, ...rest } = htlc;
      const peeled = { ...rest, sharedSecret: refusal.sharedSecret };
      this.#inbound.put(peeled);
      this.fail(peeled, refusal.failure);
      return;
    }
    const peeled = read.value.value;
    if (peeled !== htlc) this.#inbound.put(peeled);
    if (peeled.exceedsDustExposure === true) {
      this.fail(peeled, { kind: 'temporary_channel_failure' });
      return;
    }
    const { payload } = peeled;
    invariant(payload !== undefined, 'a peeled HTLC without outcome has its payload');
    const decoded = onionPayload.decode(payload);
    invariant(decoded.ok, 'a payload that was read once is read again');
    if (peeled.nextPacket === undefined) {
      this.#finalHop.received(peeled, decoded.value, this.#resumed.delete(key));
      return;
    }
    this.#queue.set(key, peeled);
    if (this.#core.parts.batchForwards !== true) this.#core.later(() => this.forwardAll());
  }

  /** The node's key can be asked again. */
  signerUnblocked(): void {
    for (const htlc of [...this.#unread.values()]) this.handle(htlc);
  }

  forwardAll(): void {
    for (const [key, htlc] of [...this.#queue]) {
      this.#queue.delete(key);
      const failure = this.#forward(htlc);
      if (failure?.kind === 'temporary_channel_failure' && this.#resumed.has(key)) {
        this.#patient.set(key, this.#patient.get(key) ?? { htlc, ticks: 0 });
        continue;
      }
      this.#resumed.delete(key);
      this.#patient.delete(key);
      if (failure !== undefined) this.fail(htlc, failure);
    }
  }

  /** Fails back what nobody could read or forward in time. */
  failExpiring(height: number, buffer: number): void {
    for (const [key, { htlc }] of [...this.#patient]) {
      if (htlc.cltvExpiry > height + buffer) continue;
      this.#patient.delete(key);
      this.#queue.set(key, htlc);
    }
    for (const waiting of [this.#queue, this.#unread]) {
      for (const [key, htlc] of [...waiting]) {
        if (htlc.cltvExpiry > height + buffer || htlc.sharedSecret === undefined) continue;
        waiting.delete(key);
        this.fail(htlc, { kind: 'temporary_node_failure' });
      }
    }
  }

  fail(htlc: InboundHtlc, failure: Failure): void {
    this.#settlements.decide(htlc, { kind: 'fail', failure: encodeFailure(failure) });
  }

  /** The next node revealed the preimage: upstream at once. */
  fulfilled(next: LiveChannel, source: ForwardSource, htlc: FulfilledHtlc): void {
    const inbound = this.#inbound.get(source.channelId, source.htlcId);
    const gates: Gate[] = [];
    const isNew = this.#settlements.decide(source, { kind: 'fulfill', preimage: htlc.preimage }, { gates });
    next.dependencies = [...next.dependencies, ...gates];
    if (!isNew || inbound === undefined) return;
    this.#core.raise(
      {
        kind: 'paymentForwarded',
        previousChannelId: source.channelId,
        nextChannelId: next.state.channelId,
        feeEarnedMsat: (inbound.amountMsat - htlc.amountMsat) as Msat,
      },
      gates[0],
    );
  }

  failed(source: ForwardSource, htlc: FailedHtlc, after: Gate | undefined): void {
    const { failure } = htlc;
    if (failure.kind === 'failed') {
      this.#settlements.decide(source, { kind: 'relay', reason: failure.reason }, { after });
      return;
    }
    // BOLT 2, Removing an HTLC: what the next node could not read is told upstream as a failure of ours.
    const relayed = malformedFailure(failure.failureCode, failure.sha256OfOnion);
    this.#settlements.decide(source, { kind: 'fail', failure: encodeFailure(relayed) }, { after });
  }

  /** Its absence or timeout on chain is buried. */
  timedOut(source: ForwardSource): void {
    this.#settlements.decide(source, { kind: 'fail', failure: encodeFailure({ kind: 'permanent_channel_failure' }) });
  }

  #forward(htlc: InboundHtlc): Failure | undefined {
    const { payload, nextPacket } = htlc;
    if (payload === undefined || nextPacket === undefined) return { kind: 'temporary_node_failure' };
    const decoded = onionPayload.decode(payload);
    if (!decoded.ok) return { kind: 'temporary_node_failure' };
    const { shortChannelId, amtToForward, outgoingCltvValue } = decoded.value;
    if (shortChannelId === undefined || amtToForward === undefined || outgoingCltvValue === undefined) {
      return { kind: 'invalid_onion_payload', tlvType: 6n, offset: 0 };
    }
    const previous = this.#core.registry.funded(htlc.channelId);
    // Its HTLC is being decided on chain: nothing is put at stake for it any more.
    if (previous === undefined || previous.state.kind === 'closed') return { kind: 'permanent_channel_failure' };
    const next = this.#core.registry.byForwardingScid(shortChannelId);
    const state = next === undefined ? undefined : fundedState(next.state);
    if (next === undefined || state === undefined || state.kind === 'closed') return { kind: 'unknown_next_peer' };
    const { parameters } = state;
    if (!parameters.announce && !this.#core.parts.config.acceptForwardsToPrivateChannels) {
      return { kind: 'unknown_next_peer' };
    }
    const problem = forwardProblem(
      {
        incomingAmountMsat: htlc.amountMsat,
        incomingCltvExpiry: htlc.cltvExpiry,
        amtToForward,
        outgoingCltvValue,
      },
      { ...next.config, htlcMinimumMsat: parameters.remote.htlcMinimumMsat },
      this.#core.height,
    );
    if (problem !== undefined) return problem;
    if (state.kind === 'shuttingDown' || state.kind === 'negotiating') {
      return { kind: 'channel_disabled', disabledFlags: 0 };
    }
    const { channelId, htlcId } = htlc;
    const offered = this.#shell.command(next, {
      kind: 'addHtlc',
      amountMsat: amtToForward,
      paymentHash: htlc.paymentHash,
      cltvExpiry: outgoingCltvValue,
      onionRoutingPacket: nextPacket,
      source: { kind: 'forward', channelId, htlcId },
    });
    if (!offered.ok) return { kind: 'temporary_channel_failure' };
    const { payload: _payload, nextPacket: _nextPacket, ...forwarded } = htlc;
    this.#inbound.put(forwarded);
    return undefined;
  }

  #failMalformed(htlc: InboundHtlc, failure: Extract<Failure, { readonly sha256OfOnion: Uint8Array }>): void {
    this.#settlements.decide(htlc, {
      kind: 'malformed',
      sha256OfOnion: failure.sha256OfOnion,
      failureCode: failureCodeOf(failure),
    });
  }
}

/** BOLT 2, Removing an HTLC: the code must have BADONION set, which the channel has checked; an unknown one is kept. */
function malformedFailure(code: number, sha256OfOnion: Uint8Array): Failure {
  for (const kind of [
    'invalid_onion_version',
    'invalid_onion_hmac',
    'invalid_onion_key',
    'invalid_onion_blinding',
  ] as const) {
    const failure = { kind, sha256OfOnion };
    if (failureCodeOf(failure) === code) return failure;
  }
  return { kind: 'unknown_failure', code, data: sha256OfOnion };
}
