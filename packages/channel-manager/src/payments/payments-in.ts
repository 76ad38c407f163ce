import {
  addMsat,
  err,
  type Msat,
  ok,
  type PaymentHash,
  paymentHashBytes,
  paymentHashOf,
  type Result,
  toHex,
  zeroMsat,
} from '@boltwright/base';
import type { EventId } from '@boltwright/interfaces';
import { encodeFailure, type Failure } from '@boltwright/onion';
import type { OnionPayload } from '@boltwright/wire';
import { type ApiError, apiError } from '../api-error.ts';
import { whyStopped } from '../channels/channel-shell.ts';
import type { Core } from '../core/core.ts';
import type { Gate } from '../core/gate.ts';
import { deadlines } from '../deadlines.ts';
import type { FinalHop } from '../forwarding/forwarding.ts';
import { htlcKey } from '../forwarding/inbound-htlcs.ts';
import type { Settlements } from '../forwarding/settlements.ts';
import type { InboundHtlc } from '../records.ts';
import { readInboundSecret } from './inbound-secret.ts';

/** HTLCs of one payment hash to us. */
interface HtlcSet {
  readonly paymentHash: PaymentHash;
  readonly preimage: Uint8Array;
  readonly secret: string;
  readonly totalMsat: Msat;
  readonly parts: InboundHtlc[];
  /** What the payer meant to pay by the parts that are here. */
  intendedMsat: Msat;
  ticks: number;
  claimable: boolean;
}

/** Payments to us: sets of HTLCs, complete or not (BOLT 4, Basic Multi-Part Payments), until they are claimed or failed. */
export class PaymentsIn implements FinalHop {
  readonly #core: Core;
  readonly #settlements: Settlements;
  readonly #sets = new Map<PaymentHash, HtlcSet>();

  constructor(core: Core, settlements: Settlements) {
    this.#core = core;
    this.#settlements = settlements;
  }

  /**
   * BOLT 4, Failure Messages, final node, and `payload` format, reader.
   *
   * @param resumed - a restart found it: it was taken in time, perhaps, and is judged by what protects us alone.
   */
  received(htlc: InboundHtlc, payload: OnionPayload, resumed: boolean): void {
    const { amtToForward = zeroMsat, outgoingCltvValue = 0, paymentData } = payload;
    if (htlc.cltvExpiry < outgoingCltvValue) {
      this.#fail(htlc, { kind: 'final_incorrect_cltv_expiry', cltvExpiry: htlc.cltvExpiry });
      return;
    }
    if (htlc.amountMsat < amtToForward) {
      this.#fail(htlc, { kind: 'final_incorrect_htlc_amount', incomingHtlcAmt: htlc.amountMsat });
      return;
    }
    if (paymentData === undefined) {
      this.#failUnknown(htlc);
      return;
    }
    const { paymentSecret, totalMsat } = paymentData;
    const invoice = readInboundSecret(
      this.#core.parts.crypto,
      this.#core.parts.keys.inboundPaymentKey(),
      paymentHashBytes(htlc.paymentHash),
      paymentSecret,
    );
    if (invoice === undefined) {
      this.#failUnknown(htlc);
      return;
    }
    const { amountMsat, expiresAt } = invoice.terms;
    const tooLittle = totalMsat < amountMsat || totalMsat < amtToForward;
    const tooMuch = amountMsat > 0n && totalMsat > 2n * amountMsat;
    if (tooLittle || tooMuch || (!resumed && this.#core.now > expiresAt)) {
      this.#failUnknown(htlc);
      return;
    }
    const least = resumed ? deadlines.failBackBlocks + 1 : deadlines.leastFinalBlocks;
    if (htlc.cltvExpiry < this.#core.height + least) {
      this.#failUnknown(htlc);
      return;
    }
    this.#collect(htlc, amtToForward, totalMsat, toHex(paymentSecret), invoice.preimage);
  }

  /**
   * Claims a payment: the settlement of every part in one batch, and no part is fulfilled before the preimage is
   * durable for each (rule 6).
   */
  claim(preimage: Uint8Array): Result<void, ApiError> {
    if (preimage.length !== 32)
      return err(apiError('unknownPayment', `a preimage has 32 bytes, not ${preimage.length}`));
    const hash = paymentHashOf(this.#core.parts.crypto.sha256(preimage));
    const set = this.#sets.get(hash);
    if (set === undefined || !set.claimable) {
      return err(apiError('unknownPayment', `no payment of hash ${hash} can be claimed`));
    }
    if (this.#core.height >= claimDeadline(set)) {
      return err(apiError('deadlinePassed', `block ${claimDeadline(set)} is past: the payment is being failed`));
    }
    for (const { channelId } of set.parts) {
      const channel = this.#core.registry.funded(channelId);
      if (channel === undefined) {
        this.#failSet(set);
        return err(apiError('unknownPayment', `a part went with channel ${channelId}: the payment is being failed`));
      }
      const stopped = whyStopped(channel);
      if (stopped !== undefined) return err(apiError('frozen', `a part came by channel ${channelId}: ${stopped}`));
    }
    this.#sets.delete(hash);
    const gates: Gate[] = [];
    let amountMsat = zeroMsat;
    for (const htlc of set.parts) {
      this.#settlements.decide(htlc, { kind: 'fulfill', preimage }, { gates });
      amountMsat = addMsat(amountMsat, htlc.amountMsat);
    }
    this.#core.raise({ kind: 'paymentClaimed', paymentHash: hash, amountMsat }, gates.at(-1));
    return ok(undefined);
  }

  failBackwards(paymentHash: PaymentHash): Result<void, ApiError> {
    const set = this.#sets.get(paymentHash);
    if (set === undefined) return err(apiError('unknownPayment', `no payment of hash ${paymentHash} waits`));
    this.#failSet(set);
    return ok(undefined);
  }

  /** BOLT 4, Basic Multi-Part Payments: an incomplete set is failed after a reasonable time. */
  timerTick(): void {
    for (const set of [...this.#sets.values()]) {
      if (set.claimable) continue;
      set.ticks += 1;
      if (set.ticks >= deadlines.mppTimeoutTicks) this.#failSet(set, { kind: 'mpp_timeout' });
    }
  }

  /** What was not claimed in time goes back, before its channel could have to go on chain for it. */
  blockConnected(): void {
    for (const set of [...this.#sets.values()]) if (this.#core.height >= claimDeadline(set)) this.#failSet(set);
  }

  #collect(htlc: InboundHtlc, intended: Msat, totalMsat: Msat, secret: string, preimage: Uint8Array): void {
    const { paymentHash } = htlc;
    const known = this.#sets.get(paymentHash);
    if (known?.claimable) {
      this.#failUnknown(htlc);
      return;
    }
    if (known !== undefined && (known.totalMsat !== totalMsat || known.secret !== secret)) {
      this.#failSet(known);
      this.#failUnknown(htlc);
      return;
    }
    const set: HtlcSet = known ?? {
      paymentHash,
      preimage,
      secret,
      totalMsat,
      parts: [],
      intendedMsat: zeroMsat,
      ticks: 0,
      claimable: false,
    };
    this.#sets.set(paymentHash, set);
    set.parts.push(htlc);
    set.intendedMsat = addMsat(set.intendedMsat, intended);
    if (set.intendedMsat < totalMsat) return;
    set.claimable = true;
    const amountMsat = set.parts.reduce((sum, part) => addMsat(sum, part.amountMsat), zeroMsat);
    this.#core.raise(
      { kind: 'paymentClaimable', paymentHash, amountMsat, claimDeadline: claimDeadline(set), preimage },
      undefined,
      claimableEventId(set),
    );
  }

  #failSet(set: HtlcSet, failure?: Failure): void {
    this.#sets.delete(set.paymentHash);
    for (const htlc of set.parts) {
      if (failure === undefined) this.#failUnknown(htlc);
      else this.#fail(htlc, failure);
    }
  }

  #failUnknown(htlc: InboundHtlc): void {
    this.#fail(htlc, {
      kind: 'incorrect_or_unknown_payment_details',
      htlcMsat: htlc.amountMsat,
      height: this.#core.height,
    });
  }

  #fail(htlc: InboundHtlc, failure: Failure): void {
    this.#settlements.decide(htlc, { kind: 'fail', failure: encodeFailure(failure) });
  }
}

/** From this height on the payment is failed. */
const claimDeadline = (set: HtlcSet): number =>
  Math.min(...set.parts.map(({ cltvExpiry }) => cltvExpiry)) - deadlines.failBackBlocks;

/** The same set, found again by a restart, raises the same event, which is kept once. */
function claimableEventId(set: HtlcSet): EventId {
  const parts = set.parts.map(({ channelId, htlcId }) => htlcKey(channelId.slice(0, 16) as typeof channelId, htlcId));
  return `claimable-${set.paymentHash}-${parts.sort()[0]}` as EventId;
}
