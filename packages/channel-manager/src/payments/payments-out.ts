import { addMsat, err, type Msat, type NodeId, ok, type Result, subtractMsat, zeroMsat } from '@boltwright/base';
import type { HtlcSource } from '@boltwright/channel';
import type {
  ChannelDetails,
  Path,
  PaymentFailureReason,
  PaymentId,
  Route,
  RouteError,
  RouteParameters,
  RouteRequestId,
} from '@boltwright/interfaces';
import { decodeInvoice, expiresAt, type Invoice, isExpired } from '@boltwright/invoice';
import { boltFeatures, hasFeature } from '@boltwright/wire';
import { type ApiError, apiError } from '../api-error.ts';
import type { ChannelShell, FailedHtlc, FulfilledHtlc } from '../channels/channel-shell.ts';
import type { Core } from '../core/core.ts';
import type { Gate } from '../core/gate.ts';
import { deadlines } from '../deadlines.ts';
import { type PaymentPart, type PaymentRecord, paymentCodec, paymentKey } from '../records.ts';
import { InFlight } from './in-flight.ts';
import {
  amountToPay,
  defaultMaxFee,
  finished,
  freshSecret,
  isPoint,
  maxPaths,
  missingMsat,
  routeProblem,
  withOne,
} from './payment-checks.ts';
import { type PaymentDetails, paymentDetails } from './payment-details.ts';
import { type PathFailure, readPathFailure } from './payment-failure.ts';
import { buildPaymentOnion, fitsOnion, layOut } from './payment-onion.ts';
import { ScorerLessons } from './scorer-lessons.ts';

type PaymentSource = Extract<HtlcSource, { readonly kind: 'payment' }>;

/** Limits of a payment; each has a default. */
export interface SendOptions {
  /** Fees of all parts together; 1 % and at least 5 satoshis where left out. */
  readonly maxFeeMsat?: Msat;
  /** How often another route is tried after a failure; 5 where left out, at most 100. */
  readonly retryAttempts?: number;
  /** Where the invoice leaves the amount open; else the invoice's, up to twice of it. */
  readonly amountMsat?: Msat;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

const maxRetryAttempts = 100;

/** Payments of ours: each id pays once, over restarts too (rule 4: records, in the batch of the HTLCs that they stand for). */
export class PaymentsOut {
  readonly #core: Core;
  readonly #shell: ChannelShell;
  readonly #firstHops: () => readonly ChannelDetails[];
  readonly #lessons: ScorerLessons;
  readonly #payments = new Map<PaymentId, PaymentRecord>();
  /** Those with something in flight: the others cost nothing when a route is looked for. */
  readonly #withParts = new Set<PaymentId>();
  /** What a router elsewhere was asked last, a payment: an answer to an earlier question is out of date. */
  readonly #requests = new Map<PaymentId, RouteRequestId>();
  #nextRequest = 1;
  /** Reading one recovers its signer: a payment's route and onion are worked out next to each other. */
  #lastInvoice: { readonly text: string; readonly invoice: Invoice } | undefined;

  constructor(core: Core, shell: ChannelShell, firstHops: () => readonly ChannelDetails[]) {
    this.#core = core;
    this.#shell = shell;
    this.#firstHops = firstHops;
    this.#lessons = new ScorerLessons(core.parts.scorer, core.parts.logger);
  }

  restore(payment: PaymentRecord): void {
    this.#payments.set(payment.paymentId, payment);
    if (payment.parts.length > 0) this.#withParts.add(payment.paymentId);
    else this.#withParts.delete(payment.paymentId);
  }

  list(): readonly PaymentDetails[] {
    return [...this.#payments.values()].map(paymentDetails);
  }

  send(text: string, paymentId: PaymentId, options: SendOptions): Result<void, ApiError> {
    if (this.#payments.has(paymentId)) {
      return err(apiError('duplicatePayment', `payment ${paymentId} was made before: take another id to pay again`));
    }
    const { crypto, network } = this.#core.parts;
    const decoded = decodeInvoice(text, { crypto });
    if (!decoded.ok) return err(apiError('invalidInvoice', decoded.error.message));
    const invoice = decoded.value;
    this.#lastInvoice = { text: invoice.text, invoice };
    if (invoice.network !== network) {
      return err(apiError('wrongNetwork', `the invoice is of ${invoice.network}, this node of ${network}`));
    }
    if (isExpired(invoice, this.#core.now)) return err(apiError('invoiceExpired', 'ask the payee for another invoice'));
    const amount = amountToPay(invoice, options.amountMsat);
    if (!amount.ok) return amount;
    const retries = options.retryAttempts ?? 5;
    if (!Number.isInteger(retries) || retries < 0 || retries > maxRetryAttempts) {
      return err(apiError('refused', `retryAttempts is 0 to ${maxRetryAttempts}`));
    }
    const payment: PaymentRecord = {
      paymentId,
      paymentHash: invoice.paymentHash,
      state: 'pending',
      payee: invoice.payee,
      amountMsat: amount.value,
      invoice: invoice.text,
      maxFeeMsat: options.maxFeeMsat ?? defaultMaxFee(amount.value),
      attemptsLeft: retries,
      nextPart: 0,
      parts: [],
      excludedChannels: [],
      excludedNodes: [],
      // The payee may say any number of seconds: no more than a record can hold.
      expiresAt: Math.min(expiresAt(invoice), Number.MAX_SAFE_INTEGER),
    };
    if (invoice.payee === this.#core.parts.keys.nodeId()) return err(apiError('refused', 'the payee is this node'));
    const route = this.#findRoute(payment);
    if (route !== undefined && !route.ok) return err(apiError('routeNotFound', route.error.message));
    this.#save(payment);
    if (route !== undefined) this.#attempt(paymentId, route.value);
    return ok(undefined);
  }

  abandon(paymentId: PaymentId): Result<void, ApiError> {
    const payment = this.#payments.get(paymentId);
    if (payment === undefined) return err(apiError('unknownPayment', `there is no payment ${paymentId}`));
    if (payment.state !== 'pending') return ok(undefined);
    this.#save({ ...payment, state: 'abandoned' });
    this.#conclude(paymentId, 'userAbandoned');
    return ok(undefined);
  }

  /** Forgets a payment that is over: its id may be used again. */
  forget(paymentId: PaymentId): Result<void, ApiError> {
    const payment = this.#payments.get(paymentId);
    if (payment === undefined) return err(apiError('unknownPayment', `there is no payment ${paymentId}`));
    if (payment.parts.length > 0 || payment.state === 'pending' || payment.state === 'abandoned') {
      return err(apiError('wrongState', 'the payment is not over yet'));
    }
    this.#payments.delete(paymentId);
    this.#core.parts.turns.delete(paymentKey(paymentId));
    return ok(undefined);
  }

  routeFound(request: RouteRequestId, route: Result<Route, RouteError>): void {
    for (const [paymentId, asked] of this.#requests) {
      if (asked !== request) continue;
      this.#requests.delete(paymentId);
      if (route.ok) this.#attempt(paymentId, route.value);
      else this.#conclude(paymentId, 'routeNotFound');
      return;
    }
  }

  /**
   * A router that does not answer keeps no payment open beyond its invoice.
   *
   * @param elapsed - seconds since the last tick.
   */
  timerTick(elapsed: number): void {
    this.#lessons.timePassed(elapsed);
    for (const paymentId of [...this.#requests.keys()]) {
      const expiry = this.#payments.get(paymentId)?.expiresAt;
      if (expiry !== undefined && this.#core.now > expiry) this.#conclude(paymentId, 'paymentExpired');
    }
  }

  fulfilled(source: PaymentSource, htlc: FulfilledHtlc): void {
    const payment = this.#payments.get(source.paymentId);
    if (payment === undefined) return;
    const parts = payment.parts.filter(({ part }) => part !== source.part);
    for (const part of payment.parts) if (part.part === source.part) this.#lessons.pathSucceeded(part.path);
    if (payment.state === 'succeeded') {
      if (parts.length !== payment.parts.length) this.#save({ ...payment, parts });
      return;
    }
    // All parts that are out will be claimed: who took one has the preimage of all.
    const feePaidMsat = payment.parts.reduce((sum, { feeMsat }) => addMsat(sum, feeMsat), zeroMsat);
    const { preimage, paymentHash } = htlc;
    this.#requests.delete(source.paymentId);
    this.#save(finished({ ...payment, state: 'succeeded', parts, preimage, feePaidMsat }));
    this.#core.raise({ kind: 'paymentSent', paymentId: source.paymentId, paymentHash, preimage, feePaidMsat });
  }

  failed(source: PaymentSource, htlc: Pick<FailedHtlc, 'failure'>, after: Gate | undefined): void {
    const part = this.#part(source);
    if (part === undefined) return;
    const { path, sessionKey } = part;
    const result = readPathFailure(this.#core.parts.crypto, path, sessionKey, htlc.failure);
    this.#lessons.pathFailed(path, result.failedAt);
    this.#partFailed(source, result, after);
  }

  /** The HTLC came back on chain, or never was: whatever the reason, this part is over. */
  timedOut(source: PaymentSource): void {
    const part = this.#part(source);
    const excludedChannel = part?.path.hops[0]?.shortChannelId;
    this.#partFailed(
      source,
      { failure: 'timed_out_on_chain', isFinal: false, ...(excludedChannel === undefined ? {} : { excludedChannel }) },
      undefined,
    );
  }

  /** After a restart: a part whose HTLC is in no channel was never sent; what has no part left goes on or ends. */
  reconcile(isOffered: (source: PaymentSource) => boolean): void {
    for (const payment of [...this.#payments.values()]) {
      const { paymentId } = payment;
      const parts = payment.parts.filter(({ part }) => isOffered({ kind: 'payment', paymentId, part }));
      if (parts.length !== payment.parts.length) this.#save({ ...payment, parts });
      if (payment.state === 'pending') this.#retry(paymentId, false);
      else if (payment.state === 'abandoned') this.#conclude(paymentId, 'userAbandoned');
    }
  }

  #part(source: PaymentSource): PaymentPart | undefined {
    return this.#payments.get(source.paymentId)?.parts.find(({ part }) => part === source.part);
  }

  #partFailed(source: PaymentSource, result: PathFailure, after: Gate | undefined): void {
    const payment = this.#payments.get(source.paymentId);
    const part = this.#part(source);
    if (payment === undefined || part === undefined) return;
    const { failure, failedAt, excludedChannel, excludedNode } = result;
    this.#save({
      ...payment,
      parts: payment.parts.filter((other) => other !== part),
      excludedChannels: withOne(payment.excludedChannels, excludedChannel),
      excludedNodes: withOne(payment.excludedNodes, excludedNode),
    });
    this.#core.raise(
      {
        kind: 'paymentPathFailed',
        paymentId: source.paymentId,
        paymentHash: payment.paymentHash,
        path: part.path,
        ...(failedAt === undefined ? {} : { failedAt }),
        failure,
      },
      after,
    );
    if (payment.state === 'succeeded' || payment.state === 'failed') return;
    if (result.isFinal) {
      this.#save({ ...this.#payments.get(source.paymentId)!, state: 'abandoned', failureReason: 'recipientRejected' });
    }
    this.#retry(source.paymentId);
  }

  /** Sends what is missing once more, by other channels, or ends the payment. */
  #retry(paymentId: PaymentId, counts = true): void {
    const payment = this.#payments.get(paymentId);
    if (payment === undefined) return;
    if (payment.state === 'abandoned') {
      this.#conclude(paymentId, payment.failureReason ?? 'userAbandoned');
      return;
    }
    if (payment.state !== 'pending' || missingMsat(payment) === 0n) return;
    if (counts && payment.attemptsLeft === 0) {
      this.#conclude(paymentId, 'retriesExhausted');
      return;
    }
    if (payment.expiresAt !== undefined && this.#core.now > payment.expiresAt) {
      this.#conclude(paymentId, 'paymentExpired');
      return;
    }
    const next = counts ? { ...payment, attemptsLeft: payment.attemptsLeft - 1 } : payment;
    this.#save(next);
    const route = this.#findRoute(next);
    if (route === undefined) return;
    if (route.ok) this.#attempt(paymentId, route.value);
    else this.#conclude(paymentId, 'routeNotFound');
  }

  /** No more attempts; it has failed once nothing of it is in flight. */
  #conclude(paymentId: PaymentId, reason: PaymentFailureReason): void {
    const payment = this.#payments.get(paymentId);
    if (payment === undefined || payment.state === 'succeeded' || payment.state === 'failed') return;
    this.#requests.delete(paymentId);
    const failureReason = payment.failureReason ?? reason;
    if (payment.parts.length > 0) {
      this.#save({ ...payment, state: 'abandoned', failureReason });
      return;
    }
    this.#save(finished({ ...payment, state: 'failed', failureReason }));
    this.#core.raise({ kind: 'paymentFailed', paymentId, paymentHash: payment.paymentHash, reason: failureReason });
  }

  /** Undefined where the router answers later. */
  #findRoute(payment: PaymentRecord): Result<Route, RouteError> | undefined {
    const invoice = this.#invoice(payment);
    if (invoice === undefined) return err({ kind: 'invalidParameters', message: 'the invoice cannot be read' });
    const spent = payment.parts.reduce((sum, { feeMsat }) => addMsat(sum, feeMsat), zeroMsat);
    const parameters: RouteParameters = {
      payee: payment.payee,
      amountMsat: missingMsat(payment),
      finalCltvDelta: invoice.minFinalCltvExpiryDelta,
      maxFeeMsat: spent > payment.maxFeeMsat ? zeroMsat : subtractMsat(payment.maxFeeMsat, spent),
      maxTotalCltvDelta: deadlines.maxHtlcCltv,
      maxPaths: hasFeature(invoice.features, 'basic_mpp', boltFeatures) ? maxPaths - payment.parts.length : 1,
      routeHints: invoice.routeHints,
      payeeFeatures: invoice.features,
      excludedChannels: payment.excludedChannels,
      excludedNodes: payment.excludedNodes,
    };
    const request = this.#nextRequest++;
    const { router, keys } = this.#core.parts;
    const ours = keys.nodeId();
    const answer = router.findRoute(request, ours, parameters, this.#firstHops(), this.#inFlight(ours));
    if (answer.kind === 'pending') {
      this.#requests.set(payment.paymentId, request);
      return undefined;
    }
    this.#requests.delete(payment.paymentId);
    return answer.value;
  }

  #inFlight(ours: NodeId): InFlight {
    const used = new InFlight();
    for (const paymentId of this.#withParts) {
      for (const part of this.#payments.get(paymentId)?.parts ?? []) used.add(ours, part.path);
    }
    return used;
  }

  #attempt(paymentId: PaymentId, route: Route): void {
    const payment = this.#payments.get(paymentId);
    const problem = payment === undefined ? undefined : routeProblem(payment, route);
    if (problem !== undefined) {
      this.#core.parts.logger.log('error', 'the router answered with a route that cannot be taken', { problem });
      this.#conclude(paymentId, 'unexpectedError');
      return;
    }
    const refused: (() => void)[] = [];
    for (const path of route.paths) {
      const refusal = this.#sendPart(paymentId, path);
      if (refusal !== undefined) refused.push(refusal);
    }
    // After all parts of this route, so that a retry sees what is in flight.
    for (const fail of refused) fail();
  }

  /** Undefined where the HTLC was offered; otherwise what is to be done about it. */
  #sendPart(paymentId: PaymentId, path: Path): (() => void) | undefined {
    const payment = this.#payments.get(paymentId);
    if (payment === undefined) return undefined;
    const { crypto, keys } = this.#core.parts;
    const invoice = this.#invoice(payment);
    const first = path.hops[0]!;
    const part: PaymentPart = {
      part: payment.nextPart,
      amountMsat: path.hops.at(-1)!.feeMsat,
      feeMsat: path.hops.slice(0, -1).reduce((sum, { feeMsat }) => addMsat(sum, feeMsat), zeroMsat),
      path,
      sessionKey: freshSecret(keys, crypto),
    };
    const source: PaymentSource = { kind: 'payment', paymentId, part: part.part };
    this.#save({ ...payment, nextPart: payment.nextPart + 1, parts: [...payment.parts, part] });
    const failed = (failure: string) => () =>
      this.#partFailed(
        source,
        { failure, isFinal: false, failedAt: first.shortChannelId, excludedChannel: first.shortChannelId },
        undefined,
      );
    const channel = this.#core.registry.byOutboundScid(first.shortChannelId);
    if (channel === undefined || channel.counterparty !== first.nodeId || invoice === undefined) {
      return failed('unknown_next_peer');
    }
    if (!path.hops.every(({ nodeId }) => isPoint(crypto, nodeId))) return failed('invalid_onion_key');
    const { paymentSecret, paymentMetadata } = invoice;
    const laidOut = layOut(
      path,
      { paymentSecret, paymentMetadata, totalMsat: payment.amountMsat },
      this.#core.height + deadlines.paymentHeightSlack,
    );
    if (!fitsOnion(laidOut.payloads)) return failed('payloads_too_large');
    const onion = buildPaymentOnion(crypto, path, laidOut.payloads, part.sessionKey, payment.paymentHash);
    const offered = this.#shell.command(channel, {
      kind: 'addHtlc',
      amountMsat: laidOut.amountMsat,
      paymentHash: payment.paymentHash,
      cltvExpiry: laidOut.cltvExpiry,
      onionRoutingPacket: onion.packet,
      source,
    });
    return offered.ok ? undefined : failed('temporary_channel_failure');
  }

  #invoice(payment: PaymentRecord): Invoice | undefined {
    if (payment.invoice === undefined) return undefined;
    if (this.#lastInvoice?.text === payment.invoice) return this.#lastInvoice.invoice;
    const decoded = decodeInvoice(payment.invoice, { crypto: this.#core.parts.crypto });
    if (!decoded.ok) return undefined;
    this.#lastInvoice = { text: payment.invoice, invoice: decoded.value };
    return decoded.value;
  }

  #save(payment: PaymentRecord): void {
    this.restore(payment);
    this.#core.parts.turns.put(paymentKey(payment.paymentId), paymentCodec.encode(payment));
  }
}
