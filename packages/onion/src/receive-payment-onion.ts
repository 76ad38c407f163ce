import {
  type Answer,
  type BlockHeight,
  err,
  invariant,
  type Msat,
  type NodeId,
  ok,
  type PaymentHash,
  paymentHashBytes,
  type Result,
  type ShortChannelId,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { NodeSigner } from '@boltwright/interfaces';
import { type HtlcTerms, meetsConstraints, relayBlinded } from './blinded-payment.ts';
import { type EcdhSteps, runWithSigner } from './ecdh-steps.ts';
import { type EncryptedData, hasUnknownFeatures } from './encrypted-data.ts';
import type { Failure } from './failure.ts';
import type { BlindedFinalPayload, FinalPayload, HopPayload } from './hop-payload.ts';
import { classifyPayload } from './hop-payload-codec.ts';
import { type Complaint, isBadOnion } from './onion-error.ts';
import { defaultMaxDummyHops, layerSecrets, unblindLayer } from './open-layer.ts';
import { decodePayloadFields, hasRecord, payloadType } from './payload-fields.ts';
import { type PeeledOnion, peelOnion } from './peel-onion.ts';
import { type Blinding, type HtlcReply, malformedOf, replyTo } from './refuse-htlc.ts';

/** An incoming HTLC with its onion: the fields of `update_add_htlc`. */
export interface IncomingHtlc {
  readonly onionRoutingPacket: Uint8Array;
  readonly paymentHash: PaymentHash;
  readonly amountMsat: Msat;
  readonly cltvExpiry: BlockHeight;
  /** 33 bytes: within a blinded path. */
  readonly pathKey?: Uint8Array | undefined;
}

/** The next hop, as the onion names it. */
export type NextHop =
  | { readonly kind: 'channel'; readonly shortChannelId: ShortChannelId }
  | { readonly kind: 'node'; readonly nodeId: NodeId };

interface Received {
  /** 32 bytes: shared with the origin, for what is returned (`buildFailure`, `wrapFailure`, `attributeFulfil`). */
  readonly sharedSecret: Uint8Array;
  /** For {@link replyTo}, whatever fails later. */
  readonly blinding: Blinding;
}

/** What an onion asks of this node, plain data. Fees, margins, replays and the payment itself are yet to be checked. */
export type ReceivedOnion =
  | (Received & {
      readonly kind: 'forward';
      readonly next: NextHop;
      readonly amtToForward: Msat;
      readonly outgoingCltvValue: BlockHeight;
      readonly nextPacket: Uint8Array;
      /** 33 bytes: goes into the outgoing `update_add_htlc`, within a blinded path. */
      readonly nextPathKey?: Uint8Array;
    })
  | (Received & {
      readonly kind: 'receive';
      readonly payload: FinalPayload | BlindedFinalPayload;
      /** Of a blinded path: must be one that this node made, for this payment. */
      readonly pathId?: Uint8Array;
    });

/** An onion that is refused, and how. */
export interface RefusedOnion extends Complaint {
  /** The BOLT's name of what is wrong; within a blinded path it stays here, and the reply does not tell. */
  readonly kind: Failure['kind'];
  readonly reply: RefusalReply;
}

/** How the HTLC is failed; `sharedSecret` (32 bytes) is for `buildFailure`. */
export type RefusalReply =
  | (Extract<HtlcReply, { kind: 'fail' }> & { readonly sharedSecret: Uint8Array })
  | Extract<HtlcReply, { kind: 'malformed' }>;

/** Choices of `receivePaymentOnion`. */
export interface ReceiveOptions {
  /** Whether a custom even record of a payload is understood; none is by default. */
  readonly understands?: (tlvType: bigint) => boolean;
  /** Most dummy hops that are peeled through: as many as the node's own paths have. Default 5. */
  readonly maxDummyHops?: number;
}

/**
 * Opens the onion of an incoming HTLC: peels it, reads the payload, unblinds it where it is blinded, and holds it
 * against the HTLC. Dummy hops (blinded hops to this node itself) are peeled through.
 *
 * @param signer - For the ECDH with the node's key. Where it answers `pending`, so does this: call it again with the
 *   same arguments when the signer is ready.
 * @see BOLT #4, Onion Decryption; `payload` format: the reader; Route Blinding
 */
export function receivePaymentOnion(
  crypto: CryptoBackend,
  signer: Pick<NodeSigner, 'ecdh' | 'nodeId'>,
  htlc: IncomingHtlc,
  options: ReceiveOptions = {},
): Answer<Result<ReceivedOnion, RefusedOnion>> {
  return runWithSigner(signer, receive(crypto, signer.nodeId(), htlc, options));
}

/** Why a layer is refused; `failure` is what is reported outside of a blinded path. */
interface Fault extends Complaint {
  readonly failure: Failure;
}

/** What is known of the HTLC so far, for the reply. */
interface Progress {
  blinding: Blinding;
  sharedSecret?: Uint8Array;
}

/** One onion within the HTLC's: the HTLC's own, then those behind dummy hops. */
interface Layer extends HtlcTerms {
  readonly packet: Uint8Array;
  readonly pathKey: Uint8Array | undefined;
}

type LayerOutcome =
  | { readonly kind: 'done'; readonly received: ReceivedOnion }
  | { readonly kind: 'dummy'; readonly layer: Layer };

function* receive(
  crypto: CryptoBackend,
  ownId: NodeId,
  htlc: IncomingHtlc,
  options: ReceiveOptions,
): EcdhSteps<Result<ReceivedOnion, RefusedOnion>> {
  const { onionRoutingPacket: packet, pathKey, amountMsat, cltvExpiry } = htlc;
  const progress: Progress = { blinding: pathKey === undefined ? 'none' : 'inside' };
  const work: LayerWork = { crypto, ownId, options, progress, associatedData: paymentHashBytes(htlc.paymentHash) };
  let layer: Layer = { packet, pathKey, amountMsat, cltvExpiry };
  for (let i = 0; i <= (options.maxDummyHops ?? defaultMaxDummyHops); i++) {
    const outcome = yield* receiveLayer(work, layer);
    if (!outcome.ok) return err(refusal(crypto, htlc, progress, outcome.error));
    if (outcome.value.kind === 'done') return ok(outcome.value.received);
    layer = outcome.value.layer;
  }
  return err(refusal(crypto, htlc, progress, badData('nextNodeId', ownId, 'more dummy hops than are taken')));
}

function refusal(crypto: CryptoBackend, htlc: IncomingHtlc, progress: Progress, fault: Fault): RefusedOnion {
  const { failure, section, field, value, text } = fault;
  const { blinding, sharedSecret } = progress;
  // An onion that cannot be read is answered in the clear: it is not known who made it.
  const isUnread = blinding === 'none' && isBadOnion(failure);
  const hash = blinding === 'none' ? undefined : crypto.sha256(htlc.onionRoutingPacket);
  const reply = isUnread ? malformedOf(failure) : replyTo(blinding, failure, hash);
  const refused = { kind: failure.kind, section, field, value, text };
  if (reply.kind === 'malformed') return { ...refused, reply };
  invariant(sharedSecret !== undefined, 'a failure for the origin before the secret that is shared with it');
  return { ...refused, reply: { ...reply, sharedSecret } };
}

interface LayerWork {
  readonly crypto: CryptoBackend;
  readonly ownId: NodeId;
  readonly options: ReceiveOptions;
  readonly progress: Progress;
  readonly associatedData: Uint8Array;
}

function* receiveLayer(work: LayerWork, layer: Layer): EcdhSteps<Result<LayerOutcome, Fault>> {
  const { crypto, options, progress } = work;
  const secrets = yield* layerSecrets(crypto, layer.packet, layer.pathKey);
  if (!secrets.ok) return err('failure' in secrets.error ? secrets.error : blindingFault(secrets.error));
  const { sharedSecret, pathSecret } = secrets.value;
  progress.sharedSecret ??= sharedSecret;
  const { packet, pathKey: givenKey } = layer;
  const opened = peelOnion(crypto, { packet, sharedSecret, associatedData: work.associatedData });
  if (!opened.ok) return opened;
  const peeled = opened.value;

  const isFinal = peeled.kind === 'final';
  // The introduction node conceals what goes wrong behind it, unless the onion ends with it. A payload that cannot be
  // read as a whole counts as far as it can be.
  if (progress.blinding === 'none' && !isFinal && hasRecord(peeled.payload, 'currentPathKey')) {
    progress.blinding = 'introduction';
  }
  const fields = decodePayloadFields(peeled.payload, options.understands);
  if (!fields.ok) return fields;
  const hasPathKey = givenKey !== undefined;
  const payload = classifyPayload(peeled.payload, fields.value, { isFinal, hasPathKey });
  if (!payload.ok) return payload;
  const found: HopPayload = payload.value;
  const common = { sharedSecret: progress.sharedSecret, blinding: progress.blinding };

  if (found.kind === 'forward') {
    const { shortChannelId, amtToForward, outgoingCltvValue } = found;
    const next = { kind: 'channel', shortChannelId } as const;
    const nextPacket = nextPacketOf(peeled);
    return done({ kind: 'forward', ...common, next, amtToForward, outgoingCltvValue, nextPacket });
  }
  if (found.kind === 'final') {
    const fault = finalFault(found, layer);
    return fault === undefined ? done({ kind: 'receive', ...common, payload: found }) : err(fault);
  }

  // The key comes with the HTLC, or in the payload of the introduction node: one of them is there, as was checked.
  const pathKey = givenKey ?? found.currentPathKey ?? new Uint8Array(33);
  const unblinded = yield* unblindLayer(crypto, found.encryptedRecipientData, pathKey, pathSecret);
  if (!unblinded.ok) return err(blindingFault(unblinded.error));
  const { data } = unblinded.value;
  const fault = dataFault(data, layer);
  if (fault !== undefined) return err(fault);

  if (found.kind === 'blindedFinal') {
    const mismatch = finalFault(found, layer);
    if (mismatch !== undefined) return err(mismatch);
    return done({ kind: 'receive', ...common, payload: found, ...(data.pathId ? { pathId: data.pathId } : {}) });
  }
  const relayed = relayOf(data, layer);
  if (!relayed.ok) return relayed;
  const nextPathKey = unblinded.value.nextPathKey();
  if (!nextPathKey.ok) return err(blindingFault(nextPathKey.error));
  const nextPacket = nextPacketOf(peeled);
  const { next, amtToForward, outgoingCltvValue } = relayed.value;
  if (next.kind === 'node' && next.nodeId === work.ownId) {
    const terms = { amountMsat: amtToForward, cltvExpiry: outgoingCltvValue };
    return ok({ kind: 'dummy', layer: { packet: nextPacket, pathKey: nextPathKey.value, ...terms } });
  }
  return done({ kind: 'forward', ...common, ...relayed.value, nextPacket, nextPathKey: nextPathKey.value });
}

const done = (received: ReceivedOnion): Result<LayerOutcome, never> => ok({ kind: 'done', received });

/** The next packet of an onion that goes on: `classifyPayload` gives a forwarding payload to no other. */
function nextPacketOf(peeled: PeeledOnion): Uint8Array {
  invariant(peeled.kind === 'forward', 'a forwarding payload in an onion that ends');
  return peeled.nextPacket;
}

const section = 'BOLT #4: `payload` format';

/** A fault in what the creator of the path wrote, named by its record as far as it may be told at all. */
function badData(field: string, value: string, text: string): Fault {
  const failure = { kind: 'invalid_onion_payload', tlvType: payloadType('encryptedRecipientData'), offset: 0 } as const;
  return { failure, section, field, value, text };
}

const blindingFault = (error: Complaint): Fault => ({ ...badData(error.field, error.value, error.text), ...error });

/** BOLT #4, `payload` format, the reader: what the final node holds against the HTLC. */
function finalFault(payload: FinalPayload | BlindedFinalPayload, htlc: HtlcTerms): Fault | undefined {
  const { amountMsat, cltvExpiry } = htlc;
  if (cltvExpiry < payload.outgoingCltvValue) {
    const text = `the HTLC expires before ${payload.outgoingCltvValue}`;
    const failure = { kind: 'final_incorrect_cltv_expiry', cltvExpiry } as const;
    return { failure, section, field: 'outgoingCltvValue', value: String(cltvExpiry), text };
  }
  if (amountMsat < payload.amtToForward) {
    const text = `the HTLC is for less than ${payload.amtToForward} msat`;
    const failure = { kind: 'final_incorrect_htlc_amount', incomingHtlcAmt: amountMsat } as const;
    return { failure, section, field: 'amtToForward', value: String(amountMsat), text };
  }
  return undefined;
}

/** What the reader must refuse in the data of a blinded payment. */
function dataFault(data: EncryptedData, { amountMsat, cltvExpiry }: HtlcTerms): Fault | undefined {
  const { paymentConstraints } = data;
  if (hasUnknownFeatures(data)) return badData('allowedFeatures', 'a bit that is set', 'no feature is known here');
  if (data.shortChannelId !== undefined && data.nextNodeId !== undefined) {
    return badData('nextNodeId', data.nextNodeId, 'a channel and a node as the next hop');
  }
  if (paymentConstraints !== undefined && !meetsConstraints({ amountMsat, cltvExpiry }, paymentConstraints)) {
    return badData('paymentConstraints', `${amountMsat} msat, ${cltvExpiry}`, 'the HTLC does not meet them');
  }
  return undefined;
}

/** Where a blinded hop forwards to, and what. */
function relayOf(data: EncryptedData, htlc: HtlcTerms) {
  const { shortChannelId, nextNodeId, paymentRelay } = data;
  let next: NextHop;
  if (shortChannelId !== undefined) next = { kind: 'channel', shortChannelId };
  else if (nextNodeId !== undefined) next = { kind: 'node', nodeId: nextNodeId };
  else return err(badData('nextNodeId', 'missing', 'no next hop is named'));
  if (paymentRelay === undefined) return err(badData('paymentRelay', 'missing', 'it is needed to forward'));
  const relayed = relayBlinded(htlc, paymentRelay);
  if (relayed === undefined) {
    return err(badData('paymentRelay', `${htlc.amountMsat} msat, ${htlc.cltvExpiry}`, 'the HTLC does not pay for it'));
  }
  return ok({ next, ...relayed });
}
