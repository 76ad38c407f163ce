import { err, ok, type Result } from '@boltwright/base';
import { decodeChannelState, pendingReceivedHtlcs } from '@boltwright/channel';
import { fundedState, liveChannel } from '../channels/live-channel.ts';
import type { WatchOffer } from '../records.ts';
import { sourceKey, type Workings } from '../workings.ts';
import type { RestoreError, StoredRecords } from './read-records.ts';

/**
 * Takes up what the last durable turn left: channels as they were, disconnected; what the watch had not completed is
 * told again; received HTLCs are settled, waited for or handled again by their records (rule 6).
 */
export function resume(workings: Workings, records: StoredRecords): Result<void, RestoreError> {
  const restored = restoreChannels(workings, records);
  if (!restored.ok) return restored;
  for (const [id, { event, after }] of records.events) workings.core.events.restore(id, event, after);
  for (const policy of records.policies) workings.updates.restore(policy);
  for (const payment of records.payments) workings.paymentsOut.restore(payment);
  for (const htlc of records.inbound) workings.inbound.restore(htlc);
  for (const settlement of records.settlements) workings.settlements.restore(settlement);
  for (const funding of records.fundings) workings.fundings.restore(funding);
  workings.core.saveTip();
  askWatch(workings);
  discardOrphans(workings);
  workings.settlements.applyAll();
  const offered = workings.offeredSources();
  for (const channel of workings.core.registry.all()) {
    reportLostOnions(workings, channel);
    if (!channel.suspended) workings.resumeHtlcs(channel, offered);
  }
  workings.paymentsOut.reconcile((source) => offered.has(sourceKey(source)));
  workings.monitorEvents.handleAll();
  return ok(undefined);
}

function restoreChannels(workings: Workings, records: StoredRecords): Result<void, RestoreError> {
  const { keys, config, chainWatch } = workings.core.parts;
  const offers = new Map<string, WatchOffer[]>();
  for (const offer of records.watch) {
    const { channelId } = offer.kind === 'initial' ? offer.initial : offer.update;
    offers.set(channelId, [...(offers.get(channelId) ?? []), offer]);
  }
  for (const [key, bytes] of records.channels) {
    const decoded = decodeChannelState(bytes);
    if (!decoded.ok) return err({ kind: 'badRecord', key, message: decoded.error.message });
    const state = fundedState(decoded.value);
    if (state === undefined) return err({ kind: 'badRecord', key, message: 'a channel without funding' });
    const { channelKeysId, fundingSatoshis, counterparty } = state.parameters;
    const signer = keys.channelSigner(channelKeysId, fundingSatoshis);
    const channel = liveChannel(state, counterparty, signer, config.channel, true);
    channel.unacknowledged = (offers.get(state.channelId) ?? []).sort((a, b) => Number(idOf(a) - idOf(b)));
    workings.core.registry.add(channel);
    const { txid } = state.transactions.fundingOutpoint;
    const script = workings.fundings.scriptOf(channel);
    if (script !== undefined && state.confirmation === undefined) chainWatch?.watchTransaction(txid, script);
    workings.shell.perform(channel, { kind: 'disconnected' });
  }
  return ok(undefined);
}

const idOf = (offer: WatchOffer): bigint => (offer.kind === 'initial' ? 0n : offer.update.updateId);

function askWatch(workings: Workings): void {
  for (const channel of workings.core.registry.all()) {
    const last = workings.core.parts.watch.lastUpdateId(channel.state.channelId);
    if (last.kind === 'ready') workings.checkWatch(channel, last.value);
    else channel.suspended = true;
  }
}

/** What belongs to a channel that has no record: its opening was not durable, so it never was. */
function discardOrphans(workings: Workings): void {
  const { core, fundings, inbound, settlements } = workings;
  for (const { channelId } of fundings.all()) {
    if (core.registry.funded(channelId) === undefined) workings.abandonFunding(channelId);
  }
  for (const { channelId, htlcId } of inbound.all()) {
    if (core.registry.funded(channelId) !== undefined) continue;
    inbound.delete(channelId, htlcId);
    settlements.removed(channelId, htlcId);
  }
}

/** Both are in one batch, so this cannot be; if it is, the channel is not to be trusted with more. */
function reportLostOnions(workings: Workings, channel: Parameters<Workings['connect']>[0]): void {
  for (const { id, outcome } of pendingReceivedHtlcs(channel.state)) {
    if (outcome !== undefined || workings.inbound.get(channel.state.channelId, id) !== undefined) continue;
    workings.shell.freeze(channel, `HTLC ${id} has no record`);
    return;
  }
}
