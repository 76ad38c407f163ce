import {
  type BlockHeight,
  blockHeight,
  type CltvDelta,
  cltvDelta,
  err,
  type Msat,
  msat,
  type NodeId,
  nodeIdBytes,
  ok,
  type Result,
  type ShortChannelId,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { type BlindedHopInput, type BlindedPath, buildBlindedPath } from './blinded-path.ts';
import type { OnionHop } from './build-onion.ts';
import { type EncryptedData, type PaymentConstraints, type PaymentRelay, padEncryptedData } from './encrypted-data.ts';
import { encodeHopPayload } from './hop-payload-codec.ts';
import type { Complaint } from './onion-error.ts';

const section = 'BOLT #4: `payload` format';
const million = 1_000_000n;

/** What a whole blinded path costs; the payer adds it to what the last hop gets. */
export interface BlindedCosts {
  /** A u32, millisatoshis. */
  readonly feeBaseMsat: number;
  /** A u32, millionths. */
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: CltvDelta;
}

/** Costs that no field has room for, named by the field. */
export interface CostsError extends Complaint {
  readonly kind: 'blinded_costs_too_large';
}

/**
 * The costs of a blinded path's forwarding hops together, rounded up hop by hop.
 *
 * @param relays - The introduction node's first, without the recipient.
 * @param minFinalCltvExpiryDelta - The recipient's.
 * @see BOLT #4, `payload` format: the creator of `encrypted_recipient_data`
 */
export function aggregateCosts(
  relays: readonly PaymentRelay[],
  minFinalCltvExpiryDelta: CltvDelta,
): Result<BlindedCosts, CostsError> {
  let base = 0n;
  let proportional = 0n;
  let delta: number = minFinalCltvExpiryDelta;
  for (const relay of [...relays].reverse()) {
    const rate = BigInt(relay.feeProportionalMillionths);
    base = (BigInt(relay.feeBaseMsat) * million + base * (million + rate) + million - 1n) / million;
    proportional = ((proportional + rate) * million + proportional * rate + million - 1n) / million;
    delta += relay.cltvExpiryDelta;
  }
  const tooLarge = (field: keyof BlindedCosts, value: bigint | number) =>
    err({
      kind: 'blinded_costs_too_large',
      section,
      field,
      value: String(value),
      text: 'the sum over the hops does not fit',
    } as const);
  if (base > 0xffff_ffffn) return tooLarge('feeBaseMsat', base);
  if (proportional > 0xffff_ffffn) return tooLarge('feeProportionalMillionths', proportional);
  if (delta > 0xffff) return tooLarge('cltvExpiryDelta', delta);
  return ok({
    feeBaseMsat: Number(base),
    feeProportionalMillionths: Number(proportional),
    cltvExpiryDelta: cltvDelta(delta),
  });
}

/** An HTLC's amount and expiry. */
export interface HtlcTerms {
  readonly amountMsat: Msat;
  readonly cltvExpiry: BlockHeight;
}

/**
 * What a hop of a blinded path forwards of an HTLC.
 *
 * @returns undefined when the HTLC does not pay the relay's fee or leave its time.
 * @see BOLT #4, `payload` format: the reader
 */
export function relayBlinded(
  { amountMsat, cltvExpiry }: HtlcTerms,
  relay: PaymentRelay,
): { readonly amtToForward: Msat; readonly outgoingCltvValue: BlockHeight } | undefined {
  const base = BigInt(relay.feeBaseMsat);
  const rate = BigInt(relay.feeProportionalMillionths);
  if (amountMsat < base || cltvExpiry < relay.cltvExpiryDelta) return undefined;
  const forward = ((amountMsat - base) * million + million + rate - 1n) / (million + rate);
  return { amtToForward: msat(forward), outgoingCltvValue: blockHeight(cltvExpiry - relay.cltvExpiryDelta) };
}

/** Whether an HTLC keeps what the path's creator asks (BOLT #4, `payload` format: the reader). */
export const meetsConstraints = ({ amountMsat, cltvExpiry }: HtlcTerms, constraints: PaymentConstraints): boolean =>
  cltvExpiry <= constraints.maxCltvExpiry && amountMsat >= constraints.htlcMinimumMsat;

/** A hop that forwards within a blinded payment path. */
export interface BlindedPaymentHop {
  readonly nodeId: NodeId;
  /** How it gets to the next hop. */
  readonly next: { readonly shortChannelId: ShortChannelId } | { readonly nextNodeId: NodeId };
  readonly relay: PaymentRelay;
  /** Least that it forwards. */
  readonly htlcMinimumMsat: Msat;
}

/** What `buildBlindedPaymentPath` needs. */
export interface BlindedPaymentPathRequest {
  /** 32 bytes, fresh from a CSPRNG. */
  readonly sessionKey: Uint8Array;
  /** The introduction node first; none where the recipient is its own. */
  readonly hops: readonly BlindedPaymentHop[];
  readonly recipient: {
    readonly nodeId: NodeId;
    /** A secret by which the recipient knows the payment again. */
    readonly pathId: Uint8Array;
    /** The last height at which the path may be used. */
    readonly maxCltvExpiry: BlockHeight;
    readonly minFinalCltvExpiryDelta: CltvDelta;
    readonly htlcMinimumMsat: Msat;
  };
  /** Hops to the recipient itself before its last, to hide how long the path is: `maxDummyHops` of it. Default 0. */
  readonly dummyHops?: number;
}

/** A path to be paid, with what it costs. Plain data. */
export interface BlindedPaymentPath {
  readonly path: BlindedPath;
  readonly costs: BlindedCosts;
  /** The largest of the hops' minimums. */
  readonly htlcMinimumMsat: Msat;
}

const noRelay: PaymentRelay = { cltvExpiryDelta: cltvDelta(0), feeProportionalMillionths: 0, feeBaseMsat: 0 };

/**
 * Builds a blinded path for payments: each hop's data with its relay, constraints and padding, and the costs.
 *
 * @throws RangeError as `buildBlindedPath` does, or for a height above a u32.
 * @see BOLT #4, `payload` format: the creator of `encrypted_recipient_data`
 */
export function buildBlindedPaymentPath(
  crypto: CryptoBackend,
  request: BlindedPaymentPathRequest,
): Result<BlindedPaymentPath, CostsError> {
  const { recipient } = request;
  const { nodeId } = recipient;
  const dummy: BlindedPaymentHop = {
    nodeId,
    next: { nextNodeId: nodeId },
    relay: noRelay,
    htlcMinimumMsat: recipient.htlcMinimumMsat,
  };
  const forwarding = [...request.hops, ...Array.from({ length: request.dummyHops ?? 0 }, () => dummy)];
  const costs = aggregateCosts(
    forwarding.map(({ relay }) => relay),
    recipient.minFinalCltvExpiryDelta,
  );
  if (!costs.ok) return costs;

  let { htlcMinimumMsat } = recipient;
  for (const hop of forwarding) if (hop.htlcMinimumMsat > htlcMinimumMsat) htlcMinimumMsat = hop.htlcMinimumMsat;
  let expiry: number = recipient.maxCltvExpiry + recipient.minFinalCltvExpiryDelta;
  const constraints = (): PaymentConstraints => ({ maxCltvExpiry: blockHeight(expiry), htlcMinimumMsat });
  const data: EncryptedData[] = [{ pathId: recipient.pathId, paymentConstraints: constraints() }];
  for (const { next, relay } of [...forwarding].reverse()) {
    expiry += relay.cltvExpiryDelta;
    data.unshift({ ...next, paymentRelay: relay, paymentConstraints: constraints() });
  }
  const ids = [...forwarding.map((hop) => hop.nodeId), nodeId];
  const hops: BlindedHopInput[] = padEncryptedData(data).map((padded, i) => ({ nodeId: ids[i]!, data: padded }));
  const path = buildBlindedPath(crypto, { sessionKey: request.sessionKey, hops });
  return ok({ path, costs: costs.value, htlcMinimumMsat });
}

/** What the payer of a blinded path promises its last hop. */
export interface BlindedPaymentTerms {
  readonly amtToForward: Msat;
  /** The current height, with a random offset where there is one; no final delta: the path's costs hold it. */
  readonly outgoingCltvValue: BlockHeight;
  readonly totalAmountMsat: Msat;
}

/**
 * The hops of an onion that a blinded path takes: the introduction node by its own id with the path key, those
 * behind it by their blinded ids.
 *
 * @param introduction - The node that `path.firstNode` stands for.
 * @see BOLT #4, `payload` format: the writer; Route Blinding: the reader of the `blinded_path`
 */
export function blindedPathHops(
  path: BlindedPath,
  introduction: NodeId,
  terms: BlindedPaymentTerms,
): readonly OnionHop[] {
  return path.hops.map(({ blindedNodeId, encryptedRecipientData }, i) => {
    const first = i === 0 ? { currentPathKey: path.firstPathKey } : {};
    const blinded = { encryptedRecipientData, ...first };
    const isLast = i === path.hops.length - 1;
    const payload = encodeHopPayload(
      isLast ? { kind: 'blindedFinal', ...blinded, ...terms } : { kind: 'blindedForward', ...blinded },
    );
    return { publicKey: i === 0 ? nodeIdBytes(introduction) : blindedNodeId, payload };
  });
}
