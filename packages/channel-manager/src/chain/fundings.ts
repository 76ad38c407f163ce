import {
  type ChannelId,
  txid as checkedTxid,
  equalBytes,
  err,
  type OutPoint,
  ok,
  type RawTransaction,
  type Result,
  type Txid,
} from '@boltwright/base';
import { fundingScript, parseTransaction } from '@boltwright/transactions';
import { type ApiError, apiError } from '../api-error.ts';
import { fundedState, type LiveChannel } from '../channels/live-channel.ts';
import type { Core } from '../core/core.ts';
import { type FundingRecord, fundingCodec, fundingKey } from '../records.ts';

/** Funding transactions that our user made: kept, and broadcast once everything that they fund is durable (rule 3). */
export class Fundings {
  readonly #core: Core;
  readonly #fundings = new Map<ChannelId, FundingRecord>();
  /** Their release is durable. */
  readonly #durable = new Set<ChannelId>();

  constructor(core: Core) {
    this.#core = core;
  }

  restore(funding: FundingRecord): void {
    this.#fundings.set(funding.channelId, funding);
    if (funding.release) this.#durable.add(funding.channelId);
  }

  all(): readonly FundingRecord[] {
    return [...this.#fundings.values()];
  }

  get(channelId: ChannelId): FundingRecord | undefined {
    return this.#fundings.get(channelId);
  }

  put(funding: FundingRecord): void {
    this.#fundings.set(funding.channelId, funding);
    this.#core.parts.turns.put(fundingKey(funding.channelId), fundingCodec.encode(funding));
  }

  delete(channelId: ChannelId): void {
    this.#durable.delete(channelId);
    if (this.#fundings.delete(channelId)) this.#core.parts.turns.delete(fundingKey(channelId));
  }

  /**
   * One of the channels that a transaction funds will not be: it must never go out, since nothing could spend that
   * channel's output.
   *
   * @returns the other channels that it would have funded.
   */
  abandon(channelId: ChannelId): readonly ChannelId[] {
    const given = this.#fundings.get(channelId);
    if (given === undefined) return [];
    const { transaction } = given;
    const all = this.all().filter((other) => other.transaction.txid === transaction.txid);
    for (const other of all) {
      this.#core.raise({ kind: 'discardFunding', channelId: other.channelId, transaction });
      this.delete(other.channelId);
    }
    return all.flatMap((other) => (other.channelId === channelId ? [] : [other.channelId]));
  }

  /** The counterparty signed our first commitment. */
  signed(channelId: ChannelId): void {
    const funding = this.#fundings.get(channelId);
    if (funding !== undefined) this.put({ ...funding, release: true });
  }

  /** That is durable, and so is the initial monitor: out it goes, if that is so for all channels that it funds. */
  durable(channelId: ChannelId): void {
    this.#durable.add(channelId);
    const funding = this.#fundings.get(channelId);
    if (funding !== undefined) this.#broadcast(funding.transaction);
  }

  /** Those that are not confirmed, each once. */
  unconfirmed(): readonly RawTransaction[] {
    const found = new Map<Txid, RawTransaction>();
    for (const { channelId, transaction } of this.#fundings.values()) {
      const channel = this.#core.registry.funded(channelId);
      const state = channel === undefined ? undefined : fundedState(channel.state);
      if (state?.confirmation === undefined) found.set(transaction.txid, transaction);
    }
    return [...found.values()];
  }

  scriptOf(channel: LiveChannel): Uint8Array | undefined {
    return fundingScriptOf(this.#core, channel);
  }

  /** With each block, until it is confirmed. */
  broadcastAgain(): void {
    for (const transaction of this.unconfirmed()) this.#broadcast(transaction);
  }

  #broadcast(transaction: RawTransaction): void {
    const { broadcaster } = this.#core.parts;
    for (const other of this.#fundings.values()) {
      if (other.transaction.txid !== transaction.txid) continue;
      const channel = this.#core.registry.funded(other.channelId);
      if (channel === undefined || !this.#durable.has(other.channelId) || channel.outstanding.has(0n)) return;
    }
    broadcaster.broadcastPackage([transaction]);
  }
}

/** The P2WSH script of a channel's funding output. */
export function fundingScriptOf(core: Core, channel: LiveChannel): Uint8Array | undefined {
  const { state } = channel;
  if (!('parameters' in state)) return undefined;
  const { local, remote } = state.parameters;
  return fundingScript(core.parts.crypto, local.pubkeys.fundingPubkey, remote.pubkeys.fundingPubkey);
}

/** Finds the channel's output in the transaction that its user made, and checks that it can be relied upon. */
export function findFundingOutput(
  core: Core,
  channel: LiveChannel,
  transaction: RawTransaction,
  outputIndex: number | undefined,
): Result<OutPoint, ApiError> {
  const { state } = channel;
  const script = fundingScriptOf(core, channel);
  if (state.kind !== 'waitForFundingTransaction' || script === undefined) {
    return err(apiError('wrongState', `the channel is in state ${state.kind}: no funding transaction is awaited`));
  }
  const parsed = parseTransaction(transaction.bytes);
  if (!parsed.ok) return err(apiError('invalidTransaction', 'the transaction cannot be read'));
  const { inputs, outputs } = parsed.value;
  if (!inputs.every(({ witness, scriptSig }) => witness.length > 0 && scriptSig.length === 0)) {
    return err(apiError('invalidTransaction', 'sign it first, with native segwit inputs only: others change its id'));
  }
  const value = state.parameters.fundingSatoshis;
  const fits = (i: number): boolean => outputs[i]?.value === value && equalBytes(outputs[i].script, script);
  const vout = outputIndex ?? outputs.findIndex((_, i) => fits(i));
  if (!fits(vout)) {
    return err(apiError('invalidTransaction', `no output pays ${value} satoshis to the script of the event`));
  }
  return ok({ txid: checkedTxid(transaction.txid), vout });
}

/** Whether a transaction that has the funding's id also has its output: a fundee has only the opener's word for it. */
export function paysFunding(core: Core, channel: LiveChannel, transaction: RawTransaction): boolean {
  const state = fundedState(channel.state);
  const script = fundingScriptOf(core, channel);
  const parsed = parseTransaction(transaction.bytes);
  if (state === undefined || script === undefined || !parsed.ok) return false;
  const { fundingOutpoint, fundingSatoshis } = state.transactions;
  const output = parsed.value.outputs[fundingOutpoint.vout];
  return output !== undefined && output.value === fundingSatoshis && equalBytes(output.script, script);
}
