import { paymentOnionPayloadsLength } from '@boltwright/wire';

/** BOLT #4, Packet Structure: the one version there is. */
export const onionVersion = 0;
/** The hop payloads of an HTLC's onion, bytes. */
export const paymentPayloadsLength: number = paymentOnionPayloadsLength;
/** The hop payloads of a large onion message, bytes (BOLT #4, The `onion_message` Message: 32834 in all). */
export const largePayloadsLength = 32768;
/** Version (1), public key (33) and HMAC (32). */
export const packetOverhead = 66;
/** An HTLC's onion packet, bytes. */
export const paymentPacketLength: number = paymentPayloadsLength + packetOverhead;
/** A hop's HMAC, bytes. */
export const hmacLength = 32;
/** A longer payload cannot be reached by any message: the bound of what is read. */
export const maxPacketLength = 65535;

/** Views into a packet's bytes. Nothing is checked but the length. */
export interface OnionPacketView {
  readonly version: number;
  /** 33 bytes, not checked to be a point. */
  readonly publicKey: Uint8Array;
  readonly hopPayloads: Uint8Array;
  /** 32 bytes. */
  readonly hmac: Uint8Array;
}

/**
 * Cuts a packet into its four parts, which share its memory.
 *
 * @returns undefined when it is too short to hold a payload, or longer than any message.
 * @see BOLT #4, Packet Structure
 */
export function viewOnionPacket(packet: Uint8Array): OnionPacketView | undefined {
  const end = packet.length - hmacLength;
  if (packet.length <= packetOverhead || packet.length > maxPacketLength) return undefined;
  return {
    version: packet[0]!,
    publicKey: packet.subarray(1, 34),
    hopPayloads: packet.subarray(34, end),
    hmac: packet.subarray(end),
  };
}
