import { assertNever, type ChannelId } from '@boltwright/base';
import type { ChannelCommand } from '@boltwright/channel';
import { buildFailure, decodeFailure, wrapFailure } from '@boltwright/onion';
import type { ChannelShell } from '../channels/channel-shell.ts';
import type { LiveChannel } from '../channels/live-channel.ts';
import type { Core } from '../core/core.ts';
import type { Gate } from '../core/gate.ts';
import {
  type InboundHtlc,
  type Settlement,
  type SettlementOutcome,
  settlementCodec,
  settlementKey,
} from '../records.ts';
import { htlcKey, type InboundHtlcs } from './inbound-htlcs.ts';

/**
 * How the HTLCs that we received end (ARCHITECTURE.md, rule 6): a record, written in the batch of the step that learnt
 * it; the first outcome wins; it goes when the removal is irrevocable.
 */
export class Settlements {
  readonly #core: Core;
  readonly #shell: ChannelShell;
  readonly #inbound: InboundHtlcs;
  readonly #settlements = new Map<string, Settlement>();
  /** Given to the channel, which sends it again by itself from there on. */
  readonly #applied = new Set<string>();

  constructor(core: Core, shell: ChannelShell, inbound: InboundHtlcs) {
    this.#core = core;
    this.#shell = shell;
    this.#inbound = inbound;
  }

  restore(settlement: Settlement): void {
    this.#settlements.set(htlcKey(settlement.channelId, settlement.htlcId), settlement);
  }

  has(channelId: ChannelId, htlcId: bigint): boolean {
    return this.#settlements.has(htlcKey(channelId, htlcId));
  }

  /**
   * Decides how a received HTLC ends; a second outcome changes nothing.
   *
   * @param after - the outcome was learnt from a step that the watch of that channel has not completed: it waits.
   * @returns false where it was decided before.
   */
  decide(
    htlc: { readonly channelId: ChannelId; readonly htlcId: bigint },
    outcome: SettlementOutcome,
    options: { readonly after?: Gate | undefined; readonly gates?: Gate[] } = {},
  ): boolean {
    const { channelId, htlcId } = htlc;
    const key = htlcKey(channelId, htlcId);
    if (this.#settlements.has(key)) return false;
    const { after } = options;
    const settlement: Settlement =
      after === undefined ? { channelId, htlcId, outcome } : { channelId, htlcId, outcome, after };
    this.#settlements.set(key, settlement);
    this.#core.parts.turns.put(settlementKey(channelId, htlcId), settlementCodec.encode(settlement));
    this.#apply(settlement, options.gates);
    return true;
  }

  /** Gives the channel what it has not been given: after a restart, a reconnection, a signer's or a watch's answer. */
  applyAll(): void {
    for (const [key, settlement] of this.#settlements) if (!this.#applied.has(key)) this.#apply(settlement);
  }

  /** The HTLC is irrevocably gone. */
  removed(channelId: ChannelId, htlcId: bigint): void {
    const key = htlcKey(channelId, htlcId);
    this.#applied.delete(key);
    if (this.#settlements.delete(key)) this.#core.parts.turns.delete(settlementKey(channelId, htlcId));
  }

  /** Forgets a channel whose coins are all where they belong. */
  forget(channelId: ChannelId): void {
    for (const settlement of [...this.#settlements.values()]) {
      if (settlement.channelId === channelId) this.removed(channelId, settlement.htlcId);
    }
  }

  #apply(settlement: Settlement, gates?: Gate[]): void {
    const { channelId, htlcId, after } = settlement;
    if (after !== undefined && !this.#core.isOpen(after)) return;
    const channel = this.#core.registry.funded(channelId);
    if (channel === undefined) {
      this.removed(channelId, htlcId);
      return;
    }
    const htlc = this.#inbound.get(channelId, htlcId);
    if (htlc === undefined) {
      this.removed(channelId, htlcId);
      return;
    }
    const command = this.#command(htlc, settlement.outcome);
    if (command !== undefined) this.#give(channel, htlc, command, gates);
  }

  #give(channel: LiveChannel, htlc: InboundHtlc, command: ChannelCommand, gates: Gate[] | undefined): void {
    const given = this.#shell.command(channel, command, gates === undefined ? {} : { gates });
    // A channel that was given it before a restart knows no such HTLC without an outcome any more.
    if (given.ok || (given.error.kind === 'refused' && given.error.code === 'unknownHtlc')) {
      this.#applied.add(htlcKey(htlc.channelId, htlc.htlcId));
      return;
    }
    // It stays, and is given again when the channel has moved on.
    this.#core.parts.logger.log('debug', 'settlement waits', {
      channelId: htlc.channelId,
      htlcId: htlc.htlcId,
      message: given.error.message,
    });
  }

  /** Undefined while the node's key cannot be asked for the secret that a failure is wrapped with. */
  #command(htlc: InboundHtlc, outcome: SettlementOutcome): ChannelCommand | undefined {
    const { crypto } = this.#core.parts;
    const id = htlc.htlcId;
    switch (outcome.kind) {
      case 'fulfill':
        return { kind: 'fulfillHtlc', id, preimage: outcome.preimage };
      case 'malformed':
        return {
          kind: 'failMalformedHtlc',
          id,
          sha256OfOnion: outcome.sha256OfOnion,
          failureCode: outcome.failureCode,
        };
      case 'relay': {
        const { sharedSecret } = htlc;
        if (sharedSecret === undefined) return undefined;
        return { kind: 'failHtlc', id, reason: wrapFailure(crypto, { sharedSecret, reason: outcome.reason }).reason };
      }
      case 'fail': {
        const { sharedSecret } = htlc;
        const failure = decodeFailure(outcome.failure);
        if (sharedSecret === undefined || !failure.ok) return undefined;
        const { reason } = buildFailure(crypto, { sharedSecret, failure: failure.value });
        return { kind: 'failHtlc', id, reason };
      }
      default:
        return assertNever(outcome);
    }
  }
}
