import { copyBytes, equalBytesConstantTime, err, ok, type Result, toHex } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { readBigSize } from '@boltwright/wire';
import { applyStream, deriveKey } from './key-derivation.ts';
import { type Complaint, type OnionError, onionError } from './onion-error.ts';
import { hmacLength, onionVersion, packetOverhead, viewOnionPacket } from './onion-packet.ts';

const section = 'BOLT #4: Onion Decryption';

const badPacket = (
  crypto: CryptoBackend,
  kind: 'invalid_onion_version' | 'invalid_onion_hmac' | 'invalid_onion_key',
  packet: Uint8Array,
  complaint: Omit<Complaint, 'section'>,
) => err(onionError({ kind, sha256OfOnion: crypto.sha256(packet) }, { section, ...complaint }));

function badVersion(crypto: CryptoBackend, packet: Uint8Array) {
  const isPacket = viewOnionPacket(packet) !== undefined;
  const value = isPacket ? String(packet[0]) : `${packet.length} bytes`;
  const text = isPacket ? 'only version 0 is understood' : 'no onion packet has this length';
  return badPacket(crypto, 'invalid_onion_version', packet, { field: 'version', value, text });
}

/**
 * The public key in an onion, for the ECDH with the node's key: `signer.ecdh(publicKey)`, or inside a blinded path
 * `signer.ecdh(publicKey, blindedNodeTweak(…))`. Its answer is the shared secret that {@link peelOnion} takes; where
 * it answers undefined, the key is no point: {@link invalidOnionKey}. It is not checked here, so that it is checked
 * once.
 *
 * @param packet - The whole packet, 66 bytes and the hop payloads.
 * @returns 33 bytes, sharing the packet's memory; else `invalid_onion_version`.
 * @see BOLT #4, Onion Decryption
 */
export function onionPublicKey(crypto: CryptoBackend, packet: Uint8Array): Result<Uint8Array, OnionError> {
  const view = viewOnionPacket(packet);
  return view === undefined || view.version !== onionVersion ? badVersion(crypto, packet) : ok(view.publicKey);
}

/** The error for an onion whose public key is no point, as the ECDH with it told. @see BOLT #4, Onion Decryption */
export function invalidOnionKey(crypto: CryptoBackend, packet: Uint8Array): OnionError {
  const complaint = { field: 'publicKey', value: toHex(packet.subarray(1, 34)), text: 'no point of secp256k1' };
  return badPacket(crypto, 'invalid_onion_key', packet, complaint).error;
}

/** What `peelOnion` needs. */
export interface PeelOnionRequest {
  readonly packet: Uint8Array;
  /** 32 bytes: ECDH of the packet's public key and the node's (or blinded) key. */
  readonly sharedSecret: Uint8Array;
  /** As the origin gave it: the payment hash; nothing for an onion message. */
  readonly associatedData?: Uint8Array;
}

/** What a hop finds in an onion: its payload, and the packet for the next hop, if there is one. */
export type PeeledOnion =
  | { readonly kind: 'final'; readonly payload: Uint8Array }
  | { readonly kind: 'forward'; readonly payload: Uint8Array; readonly nextPacket: Uint8Array };

/**
 * Takes one layer off an onion.
 *
 * Replays are the caller's to notice: see `ReplayGuard`.
 *
 * @returns the payload without its length prefix, in bytes of its own; else `invalid_onion_version`,
 *   `invalid_onion_hmac`, `invalid_onion_key`, or `invalid_onion_payload` for a length that cannot be.
 * @see BOLT #4, Onion Decryption
 */
export function peelOnion(crypto: CryptoBackend, request: PeelOnionRequest): Result<PeeledOnion, OnionError> {
  const { packet, sharedSecret } = request;
  const view = viewOnionPacket(packet);
  if (view === undefined || view.version !== onionVersion) return badVersion(crypto, packet);
  const { hopPayloads, publicKey } = view;
  const length = hopPayloads.length;

  const associatedData = request.associatedData ?? new Uint8Array(0);
  const authenticated = new Uint8Array(length + associatedData.length);
  authenticated.set(hopPayloads);
  authenticated.set(associatedData, length);
  const hmac = crypto.hmacSha256(deriveKey(crypto, 'mu', sharedSecret), authenticated);
  if (!equalBytesConstantTime(hmac, view.hmac)) {
    const text = 'the HMAC does not match: another node, other associated data, or altered on the way';
    return badPacket(crypto, 'invalid_onion_hmac', packet, { field: 'hmac', value: toHex(view.hmac), text });
  }

  const extended = new Uint8Array(2 * length);
  extended.set(hopPayloads);
  const unwrapped = applyStream(crypto, deriveKey(crypto, 'rho', sharedSecret), extended);
  const prefix = readBigSize(unwrapped);
  const most = prefix.ok ? length - prefix.value.length - hmacLength : 0;
  if (!prefix.ok || prefix.value.value < 2n || prefix.value.value > BigInt(Math.max(most, 0))) {
    const failure = { kind: 'invalid_onion_payload', tlvType: 0n, offset: 0 } as const;
    const value = prefix.ok ? String(prefix.value.value) : prefix.error.message;
    return err(onionError(failure, { section, field: 'length', value, text: 'the payload cannot have this length' }));
  }
  const start = prefix.value.length;
  const end = start + Number(prefix.value.value);
  const payload = copyBytes(unwrapped.subarray(start, end));
  const nextHmac = unwrapped.subarray(end, end + hmacLength);
  if (nextHmac.every((byte) => byte === 0)) return ok({ kind: 'final', payload });

  const nextKey = crypto.pointMultiply(publicKey, blindingFactor(crypto, publicKey, sharedSecret));
  if (nextKey === undefined) return err(invalidOnionKey(crypto, packet));
  const nextPacket = new Uint8Array(length + packetOverhead);
  nextPacket[0] = onionVersion;
  nextPacket.set(nextKey, 1);
  nextPacket.set(unwrapped.subarray(end + hmacLength, end + hmacLength + length), 34);
  nextPacket.set(nextHmac, 34 + length);
  return ok({ kind: 'forward', payload, nextPacket });
}

/**
 * What turns an ephemeral key into the next hop's: SHA-256 of the key and the shared secret.
 *
 * @param publicKey - 33 bytes.
 * @param sharedSecret - 32 bytes.
 * @see BOLT #4, Blinding Ephemeral Onion Keys
 */
export function blindingFactor(crypto: CryptoBackend, publicKey: Uint8Array, sharedSecret: Uint8Array): Uint8Array {
  const input = new Uint8Array(65);
  input.set(publicKey);
  input.set(sharedSecret, 33);
  return crypto.sha256(input);
}
