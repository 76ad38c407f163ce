import type { Block, BlockHeight, ChannelId, NodeId } from '@boltwright/base';
import { channelDetails, type HtlcSource, latestUpdateId, offeredHtlcs } from '@boltwright/channel';
import type { ChannelDetails, ClosureReason, ConnectionId, RouteHintHop } from '@boltwright/interfaces';
import { ChainFollower } from './chain/chain-follower.ts';
import { Fundings } from './chain/fundings.ts';
import { MonitorEvents } from './chain/monitor-events.ts';
import { ChannelOpener } from './channels/channel-opener.ts';
import { ChannelShell, type EffectHandlers, type FulfilledHtlc } from './channels/channel-shell.ts';
import { feerateToSet } from './channels/feerate.ts';
import type { LiveChannel } from './channels/live-channel.ts';
import { Core, type StartingPoint } from './core/core.ts';
import type { Outgoing } from './core/outbox.ts';
import { TurnRunner } from './core/turn-runner.ts';
import { deadlines } from './deadlines.ts';
import { Forwarding } from './forwarding/forwarding.ts';
import { InboundHtlcs } from './forwarding/inbound-htlcs.ts';
import { Settlements } from './forwarding/settlements.ts';
import type { ChannelManagerParts } from './manager-parts.ts';
import { PaymentsIn } from './payments/payments-in.ts';
import { PaymentsOut } from './payments/payments-out.ts';
import { ChannelUpdates } from './peers/channel-updates.ts';
import { MessageDispatch } from './peers/message-dispatch.ts';
import { channelKey, watchKey } from './records.ts';

/** The parts of a manager, joined: who hears of which effect. */
export class Workings {
  readonly core: Core;
  readonly shell: ChannelShell;
  readonly runner: TurnRunner;
  readonly inbound: InboundHtlcs;
  readonly settlements: Settlements;
  readonly paymentsIn: PaymentsIn;
  readonly paymentsOut: PaymentsOut;
  readonly forwarding: Forwarding;
  readonly fundings: Fundings;
  readonly follower: ChainFollower;
  readonly monitorEvents: MonitorEvents;
  readonly updates: ChannelUpdates;
  readonly opener: ChannelOpener;
  readonly dispatch: MessageDispatch;
  readonly #localFeatures: (peer: NodeId) => Uint8Array;

  constructor(parts: ChannelManagerParts, start: StartingPoint, localFeatures: (peer: NodeId) => Uint8Array) {
    const core = new Core(parts, start);
    this.core = core;
    this.#localFeatures = localFeatures;
    this.shell = new ChannelShell(core, this.#handlers());
    this.runner = new TurnRunner(core, this.shell, {
      release: (channel, outgoing) => this.#release(channel, outgoing),
    });
    this.inbound = new InboundHtlcs(core);
    this.settlements = new Settlements(core, this.shell, this.inbound);
    this.paymentsIn = new PaymentsIn(core, this.settlements);
    this.paymentsOut = new PaymentsOut(core, this.shell, () => this.listChannels().filter(({ isUsable }) => isUsable));
    this.forwarding = new Forwarding(core, this.shell, this.inbound, this.settlements, this.paymentsIn);
    this.fundings = new Fundings(core);
    this.follower = new ChainFollower(core, this.shell, this.fundings);
    this.monitorEvents = new MonitorEvents(core, this.shell, {
      htlcFulfilled: (channel, htlc) => this.#htlcFulfilled(channel, htlc),
      htlcTimedOut: (_channel, htlc) => this.#neverAgain(htlc.source),
      resolved: (channel) => this.#forget(channel),
    });
    this.updates = new ChannelUpdates(core);
    this.opener = new ChannelOpener(core, this.shell, localFeatures);
    this.dispatch = new MessageDispatch(core, this.shell, this.opener, (channel) => {
      this.updates.tell(channel);
      this.forwarding.reestablished();
    });
  }

  listChannels(): readonly ChannelDetails[] {
    return this.core.registry.all().flatMap((channel) => {
      const details = channelDetails(channel.state);
      if (details === undefined) return [];
      const policy = this.updates.policy(channel);
      const usable = details.isUsable && channel.frozen === undefined && !channel.suspended;
      const common = { ...details, isUsable: usable };
      if (policy === undefined) return [common];
      const { feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta } = policy;
      return [{ ...common, counterpartyForwarding: { feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta } }];
    });
  }

  /** The private channels that can bring a payment to us, the roomiest first. */
  routeHints(): readonly RouteHintHop[] {
    return this.core.registry
      .all()
      .map((channel) => ({
        hint: this.updates.hint(channel),
        room: channelDetails(channel.state)?.inboundCapacityMsat,
      }))
      .sort((a, b) => Number((b.room ?? 0n) - (a.room ?? 0n)))
      .flatMap(({ hint }) => (hint === undefined ? [] : [hint]));
  }

  connect(channel: LiveChannel): void {
    const peer = this.core.peers.get(channel.counterparty);
    if (peer === undefined) return;
    this.shell.perform(channel, {
      kind: 'connected',
      localFeatures: this.#localFeatures(channel.counterparty),
      remoteFeatures: peer.features,
    });
  }

  disconnected(peer: NodeId, connection: ConnectionId): void {
    if (!this.core.peers.disconnected(peer, connection)) return;
    this.opener.disconnected(peer);
    for (const channel of this.core.registry.withPeer(peer)) {
      channel.outbox.disconnected();
      channel.unheard = [];
      this.shell.perform(channel, { kind: 'disconnected' });
    }
  }

  blockConnected(block: Block, height: BlockHeight): void {
    if (!this.follower.blockConnected(block, height)) return;
    this.paymentsIn.blockConnected();
    this.#closeStalled(height);
    this.forwarding.failExpiring(height, deadlines.failBackBlocks);
    this.monitorEvents.handleAll();
  }

  /**
   * A forward that waits to be signed, because the next peer does not revoke: no monitor knows of it, and it cannot be
   * taken back while that channel lives. That channel is closed before the previous one is, by its other side.
   */
  #closeStalled(height: BlockHeight): void {
    for (const channel of this.core.registry.all()) {
      if (channel.state.kind === 'closed') continue;
      const isStalled = offeredHtlcs(channel.state).some(({ isCommitted, source }) => {
        if (isCommitted || source.kind !== 'forward') return false;
        const inbound = this.inbound.get(source.channelId, source.htlcId);
        return inbound !== undefined && inbound.cltvExpiry <= height + deadlines.failBackBlocks;
      });
      if (!isStalled) continue;
      const message = 'an HTLC could not be signed before its previous channel needs an answer';
      this.shell.command(channel, { kind: 'forceClose', message });
    }
  }

  timerTick(now: number | undefined): void {
    const elapsed = this.core.tick(now);
    this.paymentsIn.timerTick();
    this.paymentsOut.timerTick(elapsed);
    this.forwarding.timerTick();
    for (const channel of this.core.registry.all()) {
      this.shell.perform(channel, { kind: 'timerTick' });
      const feeratePerKw = feerateToSet(this.core.parts.feeEstimator, channel);
      if (feeratePerKw !== undefined) this.shell.command(channel, { kind: 'updateFee', feeratePerKw });
    }
    this.settlements.applyAll();
    this.monitorEvents.handleAll();
  }

  updateCompleted(channelId: ChannelId, updateId: bigint): void {
    const channel = this.core.registry.funded(channelId);
    if (channel === undefined || !channel.outstanding.delete(updateId)) return;
    this.core.parts.turns.delete(watchKey(channelId, updateId));
    const ready = channel.held.filter(({ gates }) => gates.every((gate) => this.core.isOpen(gate)));
    channel.held = channel.held.filter((work) => !ready.includes(work));
    for (const { run } of ready) this.core.later(run, channel);
    this.settlements.applyAll();
  }

  signerUnblocked(channelId: ChannelId | undefined): void {
    for (const channel of this.core.registry.all()) {
      if (channelId !== undefined && channel.state.channelId !== channelId) continue;
      this.shell.perform(channel, { kind: 'signerUnblocked' });
      this.updates.tell(channel);
    }
    this.opener.signerUnblocked();
    this.forwarding.signerUnblocked();
    this.settlements.applyAll();
  }

  /** The watch has said what it has of a channel: it must be what the channel's record says, or a part of it. */
  watchAnswered(channelId: ChannelId, lastUpdateId: bigint | undefined): void {
    const channel = this.core.registry.funded(channelId);
    if (channel === undefined || !channel.suspended) return;
    channel.suspended = false;
    this.checkWatch(channel, lastUpdateId);
    this.resumeHtlcs(channel);
    this.settlements.applyAll();
    this.connect(channel);
    this.dispatch.hear(channel);
  }

  /** Rule 7: what the watch lacks is told again; a watch that is ahead means that we lost data. */
  checkWatch(channel: LiveChannel, lastUpdateId: bigint | undefined): void {
    const latest = latestUpdateId(channel.state);
    const { unacknowledged } = channel;
    channel.unacknowledged = [];
    if (lastUpdateId !== undefined && lastUpdateId > latest) {
      channel.lostData = true;
      this.shell.freeze(channel, `the watch has update ${lastUpdateId}, our record ends at ${latest}: data was lost`);
      return;
    }
    let known = lastUpdateId ?? -1n;
    for (const offer of unacknowledged) {
      const updateId = offer.kind === 'initial' ? 0n : offer.update.updateId;
      if (updateId <= known) {
        this.core.parts.turns.delete(watchKey(channel.state.channelId, updateId));
        continue;
      }
      const answer = this.shell.offerAgain(channel, offer);
      if (answer === 'completed' || answer === 'inProgress') known = updateId;
      if (answer === 'closing') {
        this.shell.perform(channel, { kind: 'closing', reason: 'our commitment may be on its way to the chain' });
        return;
      }
    }
    if (known < latest) this.shell.freeze(channel, `the watch has update ${known}, ${latest} is due and not kept`);
  }

  /** After a restart: what has neither an outcome nor an HTLC offered for it is handled (again). */
  resumeHtlcs(channel: LiveChannel, offered: ReadonlySet<string> = this.offeredSources()): void {
    // Where data was lost, an HTLC may have been forwarded, or settled, in the part that is gone: never again (rule 7).
    if (channel.lostData) return;
    for (const htlc of this.inbound.all()) {
      const { channelId, htlcId } = htlc;
      if (channelId !== channel.state.channelId || this.settlements.has(channelId, htlcId)) continue;
      if (offered.has(sourceKey({ kind: 'forward', channelId, htlcId }))) continue;
      this.shell.whenWatched(channel, () => this.forwarding.resume(htlc));
    }
  }

  /** Where the HTLCs that we offered come from, as text. */
  offeredSources(): ReadonlySet<string> {
    const sources = new Set<string>();
    for (const channel of this.core.registry.all()) {
      for (const { source } of offeredHtlcs(channel.state)) sources.add(sourceKey(source));
    }
    return sources;
  }

  #handlers(): EffectHandlers {
    return {
      htlcArrived: (channel, htlc) => this.forwarding.arrived(channel, htlc),
      htlcReceived: (channel, htlcId) => this.forwarding.received(channel, htlcId),
      htlcFulfilled: (channel, htlc) => this.#htlcFulfilled(channel, htlc),
      htlcFailed: (_channel, htlc, after) => {
        if (htlc.source.kind === 'forward') this.forwarding.failed(htlc.source, htlc, after);
        else this.paymentsOut.failed(htlc.source, htlc, after);
      },
      htlcRemoved: (channel, htlcId) => {
        this.settlements.removed(channel.state.channelId, htlcId);
        this.inbound.delete(channel.state.channelId, htlcId);
      },
      fundingSigned: (channel) => this.fundings.signed(channel.state.channelId),
      ready: (channel) => {
        const { channelId } = channel.state;
        this.fundings.delete(channelId);
        this.core.raise({ kind: 'channelReady', channelId, counterparty: channel.counterparty });
        this.updates.tell(channel);
      },
      closed: (channel, reason) => this.#closed(channel, reason),
    };
  }

  #htlcFulfilled(channel: LiveChannel, htlc: FulfilledHtlc): void {
    if (htlc.source.kind === 'forward') this.forwarding.fulfilled(channel, htlc.source, htlc);
    else this.paymentsOut.fulfilled(htlc.source, htlc);
  }

  /** An HTLC of ours that nobody can claim any more. */
  #neverAgain(source: HtlcSource): void {
    if (source.kind === 'forward') this.forwarding.timedOut(source);
    else this.paymentsOut.timedOut(source);
  }

  #closed(channel: LiveChannel, reason: ClosureReason): void {
    const { channelId } = channel.state;
    this.core.raise({ kind: 'channelClosed', channelId, counterparty: channel.counterparty, reason });
    // What no commitment of theirs ever had cannot be claimed on chain.
    for (const { isCommitted, source } of offeredHtlcs(channel.state)) if (!isCommitted) this.#neverAgain(source);
    this.settlements.applyAll();
    const funding = this.fundings.get(channelId);
    if (funding !== undefined && !funding.release) this.abandonFunding(channelId);
    if (!channel.watched) this.#remove(channel);
  }

  /** What a funding transaction will not fund, nor any other channel that it was to fund with it. */
  abandonFunding(channelId: ChannelId): void {
    for (const other of this.fundings.abandon(channelId)) {
      const channel = this.core.registry.funded(other);
      if (channel === undefined) continue;
      const message = 'another channel of the same funding transaction was given up';
      this.core.later(() => this.shell.command(channel, { kind: 'forceClose', message }), channel);
    }
  }

  #remove(channel: LiveChannel): void {
    this.core.registry.remove(channel);
    this.updates.forget(channel);
    this.core.events.dropVolatile(
      (event) => event.kind === 'fundingGenerationReady' && event.temporaryChannelId === channel.temporaryChannelId,
    );
  }

  #forget(channel: LiveChannel): void {
    const { channelId } = channel.state;
    // Nothing more is learnt of them: what has no outcome yet (the first wins) is not waited for.
    for (const { source } of offeredHtlcs(channel.state)) this.#neverAgain(source);
    this.#remove(channel);
    this.core.dirty.delete(channel);
    this.core.parts.turns.delete(channelKey(channelId));
    for (const updateId of channel.outstanding) this.core.parts.turns.delete(watchKey(channelId, updateId));
    channel.outstanding.clear();
    this.fundings.delete(channelId);
    this.settlements.forget(channelId);
    for (const htlc of this.inbound.all())
      if (htlc.channelId === channelId) this.inbound.delete(channelId, htlc.htlcId);
  }

  #release(channel: LiveChannel, outgoing: Outgoing): void {
    const { peers, parts } = this.core;
    switch (outgoing.kind) {
      case 'send':
        peers.send(channel.counterparty, outgoing.connection, outgoing.message);
        return;
      case 'disconnect':
        peers.disconnect(channel.counterparty, outgoing.connection, outgoing.reason);
        return;
      case 'broadcast':
        parts.broadcaster.broadcastPackage([outgoing.transaction]);
        return;
      case 'broadcastFunding':
        this.fundings.durable(outgoing.channelId);
    }
  }
}

/** For comparing sources. */
export const sourceKey = (source: HtlcSource): string =>
  source.kind === 'payment' ? `payment/${source.paymentId}/${source.part}` : `${source.channelId}-${source.htlcId}`;
