import type { CryptoBackend } from '@boltwright/crypto';
import { encodeBigSize } from '@boltwright/wire';
import { deriveKey, keyStream } from './key-derivation.ts';
import { hmacLength, maxPacketLength, onionVersion, packetOverhead, paymentPayloadsLength } from './onion-packet.ts';

/** One hop of an onion. */
export interface OnionHop {
  /** 33 bytes: the node's public key, or its blinded one. */
  readonly publicKey: Uint8Array;
  /** The TLV stream without its length prefix, at least 2 bytes: see `encodeHopPayload`. */
  readonly payload: Uint8Array;
}

/** What `buildOnion` needs. */
export interface BuildOnionRequest {
  /** 32 bytes, fresh from a CSPRNG for each attempt: reuse links the payments and breaks the encryption. */
  readonly sessionKey: Uint8Array;
  /** The first hop first. */
  readonly hops: readonly OnionHop[];
  /** What the packet commits to without holding it: the payment hash; nothing for an onion message. */
  readonly associatedData?: Uint8Array;
  /** Bytes of hop payloads: 1300 (default) for an HTLC, another number for an onion message. */
  readonly payloadsLength?: number;
}

/** A built onion, plain data. */
export interface BuiltOnion {
  /** Version (1), public key (33), hop payloads, HMAC (32): 1366 bytes for an HTLC. */
  readonly packet: Uint8Array;
  /** 32 bytes a hop, the first hop first. Keep them: what comes back can only be read with them. */
  readonly sharedSecrets: readonly Uint8Array[];
}

/** The bytes that a payload takes in the packet: length prefix, payload and HMAC. */
export const payloadFootprint = (payload: Uint8Array): number =>
  lengthPrefix(payload).length + payload.length + hmacLength;

const lengthPrefix = (payload: Uint8Array): Uint8Array => encodeBigSize(BigInt(payload.length));

/**
 * Builds an onion: the packet for the first hop, and the secrets shared with each hop.
 *
 * One ECDH, one multiplication of the base point and one cipher stream a hop; nothing is computed twice.
 *
 * @throws RangeError when there is no hop, a payload is shorter than 2 bytes, the payloads do not fit, the session
 *   key is none, or a hop's public key is no point: a route's keys are checked where they come in.
 * @see BOLT #4, Packet Construction
 */
export function buildOnion(crypto: CryptoBackend, request: BuildOnionRequest): BuiltOnion {
  const { sessionKey, hops } = request;
  const length = request.payloadsLength ?? paymentPayloadsLength;
  const shifts = footprints(hops, length);
  const { sharedSecrets, publicKey } = hopSecrets(crypto, sessionKey, hops);
  const streams = sharedSecrets.map((secret, i) => {
    const last = i === hops.length - 1;
    return keyStream(crypto, deriveKey(crypto, 'rho', secret), last ? length : length + shifts[i]!);
  });
  const filler = fillerOf(streams, shifts, length);

  // The payloads and the associated data stand together, so that the HMAC needs no copy.
  const associatedData = request.associatedData ?? new Uint8Array(0);
  const authenticated = new Uint8Array(length + associatedData.length);
  const payloads = authenticated.subarray(0, length);
  authenticated.set(associatedData, length);
  payloads.set(keyStream(crypto, deriveKey(crypto, 'pad', sessionKey), length));

  let hmac: Uint8Array = new Uint8Array(hmacLength);
  for (let i = hops.length - 1; i >= 0; i--) {
    const { payload } = hops[i]!;
    payloads.copyWithin(shifts[i]!, 0, length - shifts[i]!);
    const prefix = lengthPrefix(payload);
    payloads.set(prefix);
    payloads.set(payload, prefix.length);
    payloads.set(hmac, prefix.length + payload.length);
    xorInto(payloads, streams[i]!);
    if (i === hops.length - 1) payloads.set(filler, length - filler.length);
    hmac = crypto.hmacSha256(deriveKey(crypto, 'mu', sharedSecrets[i]!), authenticated);
  }

  const packet = new Uint8Array(length + packetOverhead);
  packet[0] = onionVersion;
  packet.set(publicKey, 1);
  packet.set(payloads, 34);
  packet.set(hmac, 34 + length);
  return { packet, sharedSecrets };
}

function footprints(hops: readonly OnionHop[], length: number): number[] {
  if (hops.length === 0) throw new RangeError('an onion has at least one hop');
  if (!Number.isInteger(length) || length < 1 || length > maxPacketLength - packetOverhead) {
    throw new RangeError(`hop payloads of ${length} bytes: 1 to ${maxPacketLength - packetOverhead} are`);
  }
  let total = 0;
  const shifts = hops.map(({ payload }, i) => {
    // BOLT #4, Packet Structure: the lengths 0 and 1 are reserved.
    if (payload.length < 2) throw new RangeError(`hop ${i}: a payload of ${payload.length} bytes, at least 2 are`);
    const footprint = payloadFootprint(payload);
    total += footprint;
    return footprint;
  });
  if (total > length) throw new RangeError(`payloads_too_large: ${total} bytes, ${length} are there`);
  return shifts;
}

/**
 * The secret shared with each hop, and the public key of the session.
 *
 * @throws RangeError when the session key is none or a hop's key is no point.
 * @see BOLT #4, Shared Secret; Blinding Ephemeral Onion Keys
 */
function hopSecrets(crypto: CryptoBackend, sessionKey: Uint8Array, hops: readonly OnionHop[]) {
  let ephemeralSecret = sessionKey;
  const publicKey = crypto.publicKey(sessionKey);
  let ephemeralKey = publicKey;
  const blinding = new Uint8Array(65);
  const sharedSecrets: Uint8Array[] = [];
  for (const [i, hop] of hops.entries()) {
    if (i > 0) ephemeralKey = crypto.publicKey(ephemeralSecret);
    const secret = crypto.ecdh(hop.publicKey, ephemeralSecret);
    if (secret === undefined) throw new RangeError(`hop ${i}: the public key is no point`);
    sharedSecrets.push(secret);
    if (i === hops.length - 1) break;
    blinding.set(ephemeralKey, 0);
    blinding.set(secret, 33);
    const next = crypto.scalarMultiply(ephemeralSecret, crypto.sha256(blinding));
    if (next === undefined) throw new RangeError(`hop ${i}: the session key leads to no key, take another`);
    ephemeralSecret = next;
  }
  return { sharedSecrets, publicKey };
}

/**
 * What the hops before the last append in turn, as it stands when the last one reads the packet. It is written over
 * the tail of the last hop's payloads, so that the HMACs hold at each hop.
 *
 * @see BOLT #4, Filler Generation
 */
function fillerOf(streams: readonly Uint8Array[], shifts: readonly number[], length: number): Uint8Array {
  let size = 0;
  for (let i = 0; i < shifts.length - 1; i++) size += shifts[i]!;
  const filler = new Uint8Array(size);
  let filled = 0;
  for (let i = 0; i < shifts.length - 1; i++) {
    const stream = streams[i]!;
    const start = length - filled;
    filled += shifts[i]!;
    // The stream reaches to length + shift: the last `filled` bytes of it lie over the filler so far and its zeros.
    for (let k = 0; k < filled; k++) filler[k]! ^= stream[start + k]!;
  }
  return filler;
}

function xorInto(target: Uint8Array, stream: Uint8Array): void {
  for (let i = 0; i < target.length; i++) target[i]! ^= stream[i]!;
}
