import {
  type Answer,
  type Block,
  type BlockHeight,
  type ChannelId,
  equalBytes,
  err,
  type OutPointKey,
  ok,
  outPointKey,
  type RawTransaction,
  type Result,
  ready,
} from '@boltwright/base';
import type {
  BlockLocation,
  ChainListener,
  ChannelMonitorUpdate,
  ChannelWatch,
  Event,
  EventId,
  EventsProvider,
  InitialMonitor,
  MonitorEvent,
  MonitorEventId,
  RecordKey,
  StoreError,
  TurnId,
  TurnListener,
  WatchAnswer,
} from '@boltwright/interfaces';
import { rawTransactionOf } from '@boltwright/transactions';
import { feePurpose } from '../chain/added-fees.ts';
import { type Balance, claimableBalances } from '../chain/claimable-balances.ts';
import { closeView } from '../chain/close-view.ts';
import { onBlock, withConfirmed, withoutAbove } from '../chain/on-block.ts';
import { forEachSpent } from '../chain/spent-outpoints.ts';
import { transactionsToBroadcast } from '../chain/transactions-to-broadcast.ts';
import { encodeMonitorEvent, encodeProgress, encodeSpendable, type Spendable } from '../codec/event-codec.ts';
import { encodeMonitor, encodeRevoked } from '../codec/state-codec.ts';
import { encodeInitial } from '../codec/update-codec.ts';
import { applyUpdate, contentDigest, decideToClose, isClosing, type UpdateError } from '../state/apply-update.ts';
import { initialState, type MonitorState } from '../state/monitor-state.ts';
import { LiveMonitor } from './live-monitor.ts';
import type { MonitorParts } from './monitor-parts.ts';
import {
  eventNumber,
  monitorEventKey,
  monitorKey,
  revokedKey,
  spendableKey,
  tipKey,
  updateKey,
} from './record-keys.ts';
import { type Restored, type RestoreError, readRecords } from './restore.ts';

/** Why a block was not taken; nothing changed. */
export type BlockError =
  | { readonly kind: 'doesNotConnect'; readonly tip: BlockLocation; readonly previous: string; readonly height: number }
  | { readonly kind: 'forkAboveTip'; readonly tip: BlockLocation; readonly fork: BlockLocation }
  | { readonly kind: 'storeFailed'; readonly error: StoreError };

/** What waits for a turn to be durable: the states whose transactions may then be made. */
interface Awaited {
  /** Undefined while it is the turn of somebody else, whose id we are not told. */
  turn: TurnId | undefined;
  readonly states: Map<ChannelId, MonitorState>;
  readonly spendable: EventId[];
}

/**
 * All monitors of a node: a `ChannelWatch` that hears of updates and of blocks, and claims, punishes and closes by
 * itself (BOLT 5). Its records go into the turns of `parts.turns`.
 *
 * Order: the methods of `ChannelWatch` are called within the manager's turns and end none. `blockConnected`,
 * `blocksDisconnected`, `forceClose` and `eventHandled` are calls from outside and end a turn of their own.
 *
 * Failure: once the store has failed every update is answered `failed`, and nothing is broadcast.
 */
export class ManyChannelMonitor implements ChannelWatch, ChainListener, TurnListener, EventsProvider {
  readonly #parts: MonitorParts;
  readonly #monitors = new Map<ChannelId, LiveMonitor>();
  readonly #watched = new Map<OutPointKey, Set<ChannelId>>();
  readonly #events: Map<MonitorEventId, MonitorEvent>;
  readonly #spendable: Map<EventId, Spendable>;
  /** Told once their turn is durable. */
  readonly #hidden = new Set<EventId>();
  /** Those that blocks matter to beyond a deadline: closing, closed, not resolved. */
  readonly #closing = new Set<ChannelId>();
  #tip: BlockLocation;
  #nextEvent: number;
  #failure: StoreError | undefined;
  #awaited: Awaited[] = [];

  constructor(parts: MonitorParts, restored?: Restored) {
    this.#parts = parts;
    this.#tip = restored?.progress?.tip ?? parts.tip;
    this.#nextEvent = restored?.progress?.nextEvent ?? 0;
    this.#events = new Map(restored?.events);
    this.#spendable = new Map(restored?.spendable);
    for (const monitor of restored?.monitors.values() ?? []) this.#add(monitor);
  }

  /**
   * All monitors as their records left them; `records` may hold others' too. It stands on the chain where its record
   * says: bring it to the tip, then call {@link rebroadcast}.
   */
  static restore(
    parts: MonitorParts,
    records: Iterable<readonly [RecordKey, Uint8Array]>,
  ): Result<ManyChannelMonitor, RestoreError> {
    const restored = readRecords(parts.crypto, records);
    return restored.ok ? ok(new ManyChannelMonitor(parts, restored.value)) : restored;
  }

  // ---- ChannelWatch -----------------------------------------------------------------------------------------------

  watchChannel(initial: InitialMonitor): WatchAnswer {
    if (this.#failure !== undefined) return 'failed';
    const { crypto } = this.#parts;
    let digest: Uint8Array;
    try {
      digest = contentDigest(crypto, encodeInitial(initial));
    } catch (error) {
      return this.#refuse(initial.channelId, 0n, { kind: 'unstorable', message: String(error) });
    }
    const known = this.#monitors.get(initial.channelId);
    if (known !== undefined) {
      if (equalBytes(known.state.initialDigest, digest)) return 'completed';
      return this.#refuse(initial.channelId, 0n, { kind: 'otherContent', updateId: 0n });
    }
    const monitor = new LiveMonitor(initialState(initial, digest));
    this.#add(monitor);
    this.#writeWhole(monitor);
    this.#writeTip();
    return 'completed';
  }

  updateChannel(update: ChannelMonitorUpdate): WatchAnswer {
    if (this.#failure !== undefined) return 'failed';
    const monitor = this.#monitors.get(update.channelId);
    if (monitor === undefined) {
      const expected = 'a channel that is watched';
      return this.#refuse(update.channelId, update.updateId, {
        kind: 'otherChannel',
        expected,
        actual: update.channelId,
      });
    }
    const applied = applyUpdate(this.#parts.crypto, monitor.state, update);
    if (!applied.ok) return this.#refuse(update.channelId, update.updateId, applied.error);
    const { state, revoked, record } = applied.value;
    if (record === undefined) return 'completed';
    monitor.state = state;
    monitor.addRevoked(revoked);
    monitor.unwritten.push(...revoked);
    if (state.lastUpdateId - monitor.firstLogged + 1n >= BigInt(this.#parts.compactAfter ?? 64)) {
      this.#writeWhole(monitor);
    } else {
      this.#parts.turns.put(updateKey(update.channelId, update.updateId), record);
    }
    if (isClosing(state) && !state.resolved) {
      this.#closing.add(state.channelId);
      this.#await(state);
    }
    return 'completed';
  }

  lastUpdateId(id: ChannelId): Answer<bigint | undefined> {
    return ready(this.#monitors.get(id)?.state.lastUpdateId);
  }

  monitorEvents(): readonly { readonly id: MonitorEventId; readonly event: MonitorEvent }[] {
    return [...this.#events].map(([id, event]) => ({ id, event }));
  }

  acknowledgeMonitorEvents(ids: readonly MonitorEventId[]): void {
    if (this.#failure !== undefined) return;
    for (const id of ids) if (this.#events.delete(id)) this.#parts.turns.delete(monitorEventKey(id));
  }

  // ---- EventsProvider ---------------------------------------------------------------------------------------------

  pendingEvents(): readonly { readonly id: EventId; readonly event: Event }[] {
    return [...this.#spendable]
      .filter(([id]) => !this.#hidden.has(id))
      .map(([id, { channelId, outputs }]) => ({ id, event: { kind: 'spendableOutputs', channelId, outputs } }));
  }

  eventHandled(id: EventId): void {
    if (this.#failure !== undefined || !this.#spendable.delete(id)) return;
    this.#parts.turns.delete(spendableKey(id));
    this.#parts.turns.endTurn();
  }

  // ---- what a person asks -----------------------------------------------------------------------------------------

  /** Every channel that is, or was, watched. */
  channels(): readonly ChannelId[] {
    return [...this.#monitors.keys()];
  }

  /** A monitor's state, as data; undefined for a channel that is not watched. */
  monitor(id: ChannelId): MonitorState | undefined {
    return this.#monitors.get(id)?.state;
  }

  /** What is ours of a channel, and what it waits for; of all channels where none is named. */
  claimableBalances(id?: ChannelId): readonly Balance[] {
    const ids = id === undefined ? [...this.#monitors.keys()] : [id];
    return ids.flatMap((channelId) => {
      const monitor = this.#monitors.get(channelId);
      if (monitor === undefined) return [];
      return claimableBalances(this.#parts.crypto, monitor.state, this.#tip.height, monitor.revokedHtlcs);
    });
  }

  /**
   * Decides to close a channel with our latest commitment; it is signed and broadcast once that is durable. The manager
   * hears of it by a `closing` event.
   *
   * @returns false for a channel that is not watched, is closing already, or where the store failed.
   */
  forceClose(id: ChannelId, reason: string): boolean {
    const monitor = this.#monitors.get(id);
    if (monitor === undefined || this.#failure !== undefined || isClosing(monitor.state)) return false;
    monitor.state = decideToClose(monitor.state, true, reason);
    this.#closing.add(id);
    this.#writeWhole(monitor);
    this.#tell({ kind: 'closing', channelId: id, reason });
    this.#writeTip();
    this.#endTurn(new Map([[id, monitor.state]]), []);
    return true;
  }

  /** Broadcasts again all that is not buried yet, of states that are durable: after a restart, or when asked to. */
  rebroadcast(): void {
    this.#writeTip();
    this.#endTurn(this.#closingStates(), []);
  }

  // ---- ChainListener ----------------------------------------------------------------------------------------------

  tip(): BlockLocation {
    return this.#tip;
  }

  blockConnected(block: Block, height: BlockHeight): void {
    const result = this.connectBlock(block, height);
    if (!result.ok) this.#parts.logger.log('error', 'a block was refused', { ...result.error });
  }

  blocksDisconnected(forkPoint: BlockLocation): void {
    const result = this.disconnectBlocks(forkPoint);
    if (!result.ok) this.#parts.logger.log('error', 'a reorg was refused', { ...result.error });
  }

  /** As `blockConnected`, with an answer. A block told twice changes nothing. */
  connectBlock(block: Block, height: BlockHeight): Result<void, BlockError> {
    if (this.#failure !== undefined) return err({ kind: 'storeFailed', error: this.#failure });
    const { hash, previous } = block.header;
    if (hash === this.#tip.hash && height === this.#tip.height) return ok(undefined);
    if (previous !== this.#tip.hash || height !== this.#tip.height + 1) {
      return err({ kind: 'doesNotConnect', tip: this.#tip, previous, height });
    }
    const changed = new Set<ChannelId>();
    for (const transaction of block.transactions) this.#transaction(transaction, height, changed);
    this.#tip = { hash, height };
    const spendable = this.#reactAll(changed);
    this.#writeTip();
    this.#endTurn(this.#closingStates(), spendable);
    return ok(undefined);
  }

  /** As `blocksDisconnected`, with an answer. */
  disconnectBlocks(forkPoint: BlockLocation): Result<void, BlockError> {
    if (this.#failure !== undefined) return err({ kind: 'storeFailed', error: this.#failure });
    if (forkPoint.height > this.#tip.height) return err({ kind: 'forkAboveTip', tip: this.#tip, fork: forkPoint });
    if (forkPoint.hash === this.#tip.hash) return ok(undefined);
    this.#tip = forkPoint;
    for (const [id, monitor] of this.#monitors) {
      const state = withoutAbove(monitor.state, forkPoint.height);
      if (state === monitor.state) continue;
      if (state.resolved) {
        this.#parts.logger.log('error', 'a reorg took back what was resolved', {
          channelId: id,
          height: forkPoint.height,
        });
      }
      monitor.state = { ...state, resolved: false };
      this.#closing.add(id);
      this.#rewatch(monitor);
      this.#writeWhole(monitor);
    }
    for (const [id, event] of this.#events) {
      if (event.kind === 'fundingSpent' && event.height > forkPoint.height) {
        this.#events.delete(id);
        this.#parts.turns.delete(monitorEventKey(id));
      }
    }
    this.#writeTip();
    this.#endTurn(this.#closingStates(), []);
    return ok(undefined);
  }

  // ---- TurnListener -----------------------------------------------------------------------------------------------

  turnCommitted(turn: TurnId): void {
    if (this.#failure !== undefined) return;
    const due = this.#awaited.filter((awaited) => awaited.turn !== undefined && awaited.turn <= turn);
    const ofOthers = this.#awaited.some((awaited) => awaited.turn === undefined);
    this.#awaited = this.#awaited.filter((awaited) => !due.includes(awaited));
    for (const { states, spendable } of due) {
      for (const id of spendable) this.#hidden.delete(id);
      for (const state of states.values()) this.#broadcast(state);
    }
    if (!ofOthers) return;
    // What the manager's turn staged is durable with some turn whose id we were not told: a turn of our own that ends
    // after it is durable no sooner.
    this.#writeTip();
    this.#endTurn(new Map(), []);
  }

  storeFailed(error: StoreError): void {
    this.#failure ??= error;
    this.#awaited = [];
  }

  // ---- inside -----------------------------------------------------------------------------------------------------

  #refuse(channelId: ChannelId, updateId: bigint, error: UpdateError): WatchAnswer {
    const { kind, ...fields } = error;
    const answer = kind === 'closing' ? 'closing' : 'failed';
    const level = answer === 'closing' ? 'info' : 'error';
    this.#parts.logger.log(level, 'an update was refused', { channelId, updateId, reason: kind, ...fields });
    return answer;
  }

  #add(monitor: LiveMonitor): void {
    const { state } = monitor;
    this.#monitors.set(state.channelId, monitor);
    if (state.resolved) return;
    if (isClosing(state)) this.#closing.add(state.channelId);
    this.#rewatch(monitor);
  }

  /** Watches the funding output and whatever came out of it. */
  #rewatch(monitor: LiveMonitor): void {
    const { state } = monitor;
    const { fundingOutpoint } = state.parameters;
    const view = closeView(this.#parts.crypto, state, monitor.revokedHtlcs);
    const outputs = [
      { outpoint: fundingOutpoint, script: state.fundingScript },
      ...(view?.outputs.filter(({ use }) => use.kind !== 'wallet') ?? []),
    ];
    for (const { outpoint, script } of outputs) {
      const key = outPointKey(outpoint);
      if (monitor.watched.has(key)) continue;
      monitor.watched.add(key);
      const channels = this.#watched.get(key) ?? new Set();
      this.#watched.set(key, channels.add(state.channelId));
      this.#parts.chainWatch?.watchOutput(outpoint, script);
    }
  }

  #transaction(raw: RawTransaction, height: BlockHeight, changed: Set<ChannelId>): void {
    const concerned = new Set<ChannelId>();
    forEachSpent(raw.bytes, (outpoint) => {
      for (const id of this.#watched.get(outpoint) ?? []) concerned.add(id);
    });
    if (concerned.size === 0) return;
    const checked = rawTransactionOf(this.#parts.crypto, raw.bytes);
    if (!checked.ok || checked.value.txid !== raw.txid) {
      this.#parts.logger.log('error', 'a transaction of a block is not what it says', { txid: raw.txid });
      return;
    }
    for (const id of concerned) {
      const monitor = this.#monitors.get(id)!;
      monitor.state = withConfirmed(monitor.state, raw, height);
      this.#closing.add(id);
      this.#rewatch(monitor);
      changed.add(id);
    }
  }

  /** Every monitor's reaction to the tip. @returns the events that the user gets. */
  #reactAll(changed: Set<ChannelId>): EventId[] {
    const told: EventId[] = [];
    const { crypto, feeEstimator, feeWallet } = this.#parts;
    const canAddFees = feeWallet !== undefined;
    for (const [id, monitor] of this.#monitors) {
      const before = monitor.state;
      const { revokedHtlcs } = monitor;
      const reaction = onBlock(before, this.#tip.height, { crypto, feeEstimator, revokedHtlcs, canAddFees });
      for (const event of reaction.events) this.#tell(event);
      if (reaction.spendable.length > 0) told.push(this.#tellSpendable({ channelId: id, outputs: reaction.spendable }));
      if (reaction.state === before && !changed.has(id)) continue;
      monitor.state = reaction.state;
      if (isClosing(reaction.state)) this.#closing.add(id);
      if (reaction.state.resolved) this.#archive(monitor);
      this.#writeWhole(monitor);
    }
    return told;
  }

  /** Nothing of the channel can come any more: blocks pass it by, and what was kept to punish goes. */
  #archive(monitor: LiveMonitor): void {
    const { channelId } = monitor.state;
    this.#closing.delete(channelId);
    for (const key of monitor.watched) {
      const channels = this.#watched.get(key);
      channels?.delete(channelId);
      if (channels?.size === 0) this.#watched.delete(key);
    }
    monitor.watched.clear();
    for (const { outpoints } of monitor.state.bids) {
      for (const outpoint of outpoints) this.#parts.feeWallet?.releaseFeeCoins(feePurpose(monitor.state, outpoint));
    }
    monitor.forgetRevoked();
    for (const updateId of monitor.revokedRecords.splice(0)) this.#parts.turns.delete(revokedKey(channelId, updateId));
  }

  #tell(event: MonitorEvent): void {
    const id = eventNumber(this.#nextEvent++) as MonitorEventId;
    this.#events.set(id, event);
    this.#parts.turns.put(monitorEventKey(id), encodeMonitorEvent(event));
  }

  #tellSpendable(spendable: Spendable): EventId {
    const id = eventNumber(this.#nextEvent++) as EventId;
    this.#spendable.set(id, spendable);
    this.#hidden.add(id);
    this.#parts.turns.put(spendableKey(id), encodeSpendable(spendable));
    return id;
  }

  #writeTip(): void {
    this.#parts.turns.put(tipKey, encodeProgress({ tip: this.#tip, nextEvent: this.#nextEvent }));
  }

  /** The whole monitor, in place of its log. */
  #writeWhole(monitor: LiveMonitor): void {
    const { turns } = this.#parts;
    const { channelId, lastUpdateId } = monitor.state;
    for (let id = monitor.firstLogged; id <= lastUpdateId; id++) turns.delete(updateKey(channelId, id));
    monitor.firstLogged = lastUpdateId + 1n;
    if (monitor.unwritten.length > 0) {
      turns.put(revokedKey(channelId, lastUpdateId), encodeRevoked(monitor.unwritten));
      monitor.unwritten.length = 0;
      monitor.revokedRecords.push(lastUpdateId);
    }
    turns.put(monitorKey(channelId), encodeMonitor(monitor.state));
  }

  #closingStates(): Map<ChannelId, MonitorState> {
    return new Map([...this.#closing].map((id) => [id, this.#monitors.get(id)!.state]));
  }

  /** Its transactions may be made once the turn under way, which somebody else will end, is durable. */
  #await(state: MonitorState): void {
    const last = this.#awaited.at(-1);
    if (last !== undefined && last.turn === undefined) last.states.set(state.channelId, state);
    else this.#awaited.push({ turn: undefined, states: new Map([[state.channelId, state]]), spendable: [] });
  }

  /** Ends a turn of our own: with it becomes durable what others' turns staged before. */
  #endTurn(states: Map<ChannelId, MonitorState>, spendable: EventId[]): void {
    if (states.size > 0 || spendable.length > 0) this.#awaited.push({ turn: undefined, states, spendable });
    const turn = this.#parts.turns.endTurn();
    for (const awaited of this.#awaited) awaited.turn ??= turn;
  }

  #broadcast(state: MonitorState): void {
    const monitor = this.#monitors.get(state.channelId);
    if (monitor === undefined) return;
    const { crypto, signerProvider, broadcaster, logger, feeWallet } = this.#parts;
    try {
      monitor.signer ??= signerProvider.channelSigner(state.channelKeysId, state.parameters.fundingSatoshis);
      const { signer, revokedHtlcs } = monitor;
      const env = { crypto, signer, revokedHtlcs, feeWallet };
      for (const made of transactionsToBroadcast(state, this.#tip.height, env)) broadcaster.broadcastPackage(made);
    } catch (error) {
      // A signer that refuses, or worse: the other channels go on, and this one tries again with the next block.
      const message = error instanceof Error ? error.message : String(error);
      logger.log('error', 'claims could not be made', { channelId: state.channelId, message });
    }
  }
}
