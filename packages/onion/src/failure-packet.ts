import { copyBytes, equalBytesConstantTime } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { AttributionData } from '@boltwright/wire';
import { AttributionReader, type AttributionReport, updateAttribution } from './attribution.ts';
import type { Failure } from './failure.ts';
import { decodeFailure, encodeFailure } from './failure-codec.ts';
import { applyStream, deriveKey } from './key-derivation.ts';
import { hmacLength } from './onion-packet.ts';

/** What goes into `update_fail_htlc`. Plain data. */
export interface ReturnedFailure {
  /** The obfuscated return packet. */
  readonly reason: Uint8Array;
  /** Where attribution data is sent. */
  readonly attributionData?: AttributionData;
}

/** What `buildFailure` needs. */
export interface BuildFailureRequest {
  /** 32 bytes: the secret that this node shares with the origin, from peeling the onion. */
  readonly sharedSecret: Uint8Array;
  readonly failure: Failure;
  /**
   * How long the HTLC was held, in units of 100 ms (0: not told). Left out: no attribution data, as for a peer without
   * `option_attribution_data`.
   */
  readonly holdTime?: number | undefined;
  /** `failure_len` and `pad_len` together, at least 256 (default): BOLT 4 advises against any other. */
  readonly paddedLength?: number;
}

const leastPaddedLength = 256;

/**
 * Builds the failure that the erring node returns.
 *
 * @throws RangeError when a value of the failure does not fit its field.
 * @see BOLT #4, Erring node
 */
export function buildFailure(crypto: CryptoBackend, request: BuildFailureRequest): ReturnedFailure {
  const packet = plainFailurePacket(crypto, request);
  const { sharedSecret, holdTime } = request;
  return obfuscate(crypto, sharedSecret, packet, undefined, holdTime);
}

/** The return packet before any stream: HMAC, failure and padding, each with its length. */
export function plainFailurePacket(crypto: CryptoBackend, request: BuildFailureRequest): Uint8Array {
  const message = encodeFailure(request.failure);
  const padding = Math.max((request.paddedLength ?? leastPaddedLength) - message.length, 0);
  const length = Math.max(padding + message.length, leastPaddedLength);
  const packet = new Uint8Array(hmacLength + 4 + length);
  writeU16(packet, hmacLength, message.length);
  packet.set(message, hmacLength + 2);
  writeU16(packet, hmacLength + 2 + message.length, length - message.length);
  const um = deriveKey(crypto, 'um', request.sharedSecret);
  packet.set(crypto.hmacSha256(um, packet.subarray(hmacLength)));
  return packet;
}

/** What `wrapFailure` needs. */
export interface WrapFailureRequest {
  /** 32 bytes: the secret that this node shares with the origin. */
  readonly sharedSecret: Uint8Array;
  /** As `update_fail_htlc` from downstream had it: any bytes. */
  readonly reason: Uint8Array;
  /** As downstream sent it; left out where it sent none. */
  readonly attributionData?: AttributionData | undefined;
  /** As in {@link BuildFailureRequest}: left out, no attribution data is passed on. */
  readonly holdTime?: number | undefined;
}

/**
 * Wraps a failure from downstream on its way to the origin.
 *
 * @see BOLT #4, Intermediate nodes
 */
export function wrapFailure(crypto: CryptoBackend, request: WrapFailureRequest): ReturnedFailure {
  const { sharedSecret, reason, attributionData, holdTime } = request;
  return obfuscate(crypto, sharedSecret, reason, attributionData, holdTime);
}

function obfuscate(
  crypto: CryptoBackend,
  sharedSecret: Uint8Array,
  packet: Uint8Array,
  downstream: AttributionData | undefined,
  holdTime: number | undefined,
): ReturnedFailure {
  const reason = applyStream(crypto, deriveKey(crypto, 'ammag', sharedSecret), packet);
  if (holdTime === undefined) return { reason };
  return { reason, attributionData: updateAttribution(crypto, sharedSecret, packet, downstream, holdTime) };
}

/** What `unwrapFailure` needs. */
export interface UnwrapFailureRequest {
  /** Of each hop, the first hop first, as `buildOnion` gave them. */
  readonly sharedSecrets: readonly Uint8Array[];
  readonly reason: Uint8Array;
  readonly attributionData?: AttributionData | undefined;
  /**
   * Hops that attribution data can tell of, where the end of the path is blinded: up to the introduction node, it
   * included. Default: all.
   */
  readonly attributableHops?: number;
}

/** What the origin learns from a returned failure. Plain data. */
export type UnwrappedFailure =
  | {
      readonly kind: 'failure';
      /** Who reports it: 0 is the first hop. */
      readonly hop: number;
      readonly failure: Failure;
      /** `failuremsg` as it was sent. */
      readonly failureMessage: Uint8Array;
      readonly attribution: AttributionReport;
    }
  | {
      /** The hop's HMAC is right, what it wrote is no failure message: the hop is at fault. */
      readonly kind: 'malformed';
      readonly hop: number;
      readonly attribution: AttributionReport;
    }
  | {
      /** No hop's HMAC is right: `attribution.firstUnattributedHop` says where to look, if there was such data. */
      readonly kind: 'unattributable';
      readonly attribution: AttributionReport;
    };

/** BOLT #4, Origin node: layers taken off however short the route is, so that time does not tell its length. */
const unwrapSteps = 27;
const dummySecret = new Uint8Array(32).fill(1);

/**
 * Takes the layers off a returned failure and finds the hop that it came from.
 *
 * Always 27 layers (or the route's hops, if more) are taken off and checked, whichever hop failed.
 *
 * @see BOLT #4, Origin node
 */
export function unwrapFailure(crypto: CryptoBackend, request: UnwrapFailureRequest): UnwrappedFailure {
  const { sharedSecrets } = request;
  const count = sharedSecrets.length;
  const attributable = Math.min(request.attributableHops ?? count, count);
  const attribution = new AttributionReader(crypto, request.attributionData, attributable);
  let packet = request.reason;
  let hop: number | undefined;
  let found: Uint8Array | undefined;
  for (let i = 0; i < Math.max(unwrapSteps, count); i++) {
    const secret = i < count ? sharedSecrets[i]! : dummySecret;
    packet = applyStream(crypto, deriveKey(crypto, 'ammag', secret), packet);
    if (i < count) attribution.readHop(secret, packet);
    const hmac = crypto.hmacSha256(deriveKey(crypto, 'um', secret), packet.subarray(hmacLength));
    const matches = equalBytesConstantTime(hmac, packet.subarray(0, hmacLength));
    if (matches && hop === undefined && i < count) {
      hop = i;
      found = packet;
    }
  }
  const report = attribution.report(hop);
  if (hop === undefined || found === undefined) return { kind: 'unattributable', attribution: report };
  const failureMessage = failureMessageIn(found);
  const failure = failureMessage === undefined ? undefined : decodeFailure(failureMessage);
  if (failureMessage === undefined || failure === undefined || !failure.ok) {
    return { kind: 'malformed', hop, attribution: report };
  }
  return { kind: 'failure', hop, failure: failure.value, failureMessage, attribution: report };
}

/** The failure in a packet whose HMAC is right. What follows it is padding and not looked at. */
function failureMessageIn(packet: Uint8Array): Uint8Array | undefined {
  if (packet.length < hmacLength + 2) return undefined;
  const length = (packet[hmacLength]! << 8) | packet[hmacLength + 1]!;
  const start = hmacLength + 2;
  return start + length > packet.length ? undefined : copyBytes(packet.subarray(start, start + length));
}

function writeU16(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 8;
  target[offset + 1] = value & 0xff;
}

/** What `attributeFulfil` needs. */
export interface FulfilAttributionRequest {
  /** 32 bytes: the secret that this node shares with the origin. */
  readonly sharedSecret: Uint8Array;
  /** As `update_fulfill_htlc` from downstream had it; left out by the final node, and where downstream sent none. */
  readonly attributionData?: AttributionData | undefined;
  /** Units of 100 ms; 0: not told. */
  readonly holdTime: number;
}

/**
 * The attribution data of a fulfilled HTLC, as this node sends it upstream.
 *
 * @see BOLT #4, Hold times for successful payments
 */
export const attributeFulfil = (crypto: CryptoBackend, request: FulfilAttributionRequest): AttributionData =>
  updateAttribution(crypto, request.sharedSecret, noMessage, request.attributionData, request.holdTime);

const noMessage = new Uint8Array(0);

/**
 * The hold times of a fulfilled HTLC, as the origin reads them.
 *
 * @param request - As for {@link unwrapFailure}.
 * @see BOLT #4, Hold times for successful payments
 */
export function readFulfilAttribution(
  crypto: CryptoBackend,
  request: Omit<UnwrapFailureRequest, 'reason' | 'attributionData'> & { readonly attributionData: AttributionData },
): AttributionReport {
  const { sharedSecrets, attributionData } = request;
  const count = Math.min(request.attributableHops ?? sharedSecrets.length, sharedSecrets.length);
  const reader = new AttributionReader(crypto, attributionData, count);
  for (const secret of sharedSecrets) reader.readHop(secret, noMessage);
  return reader.report();
}
