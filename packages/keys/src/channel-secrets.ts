import { copyBytes, fromHex } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelKeysId, ChannelPublicKeys } from '@boltwright/interfaces';

/** One channel's private keys, 32 bytes each. */
export interface ChannelSecrets {
  readonly funding: Uint8Array;
  readonly revocationBasepoint: Uint8Array;
  readonly paymentBasepoint: Uint8Array;
  readonly delayedPaymentBasepoint: Uint8Array;
  readonly htlcBasepoint: Uint8Array;
  /** Of the per-commitment secrets (BOLT 3, Per-commitment Secret Requirements). */
  readonly commitmentSeed: Uint8Array;
}

const info = Uint8Array.from('boltwright channel keys v1', (character) => character.charCodeAt(0));

/**
 * A channel's secrets: HKDF-SHA256 with the master as key material and the id's 32 bytes as salt, cut into five parts. The
 * payment key comes from outside, from the small set that a scan of the chain can find again.
 *
 * @param master - 32 bytes.
 */
export function deriveChannelSecrets(
  crypto: CryptoBackend,
  master: Uint8Array,
  id: ChannelKeysId,
  paymentBasepoint: Uint8Array,
): ChannelSecrets {
  const bytes = crypto.hkdfSha256(master, fromHex(id), info, 160);
  const part = (index: number): Uint8Array => copyBytes(bytes.subarray(32 * index, 32 * index + 32));
  return {
    funding: part(0),
    revocationBasepoint: part(1),
    paymentBasepoint,
    delayedPaymentBasepoint: part(2),
    htlcBasepoint: part(3),
    commitmentSeed: part(4),
  };
}

/** The public keys of a channel's secrets: five multiplications. */
export const channelPublicKeys = (crypto: CryptoBackend, secrets: ChannelSecrets): ChannelPublicKeys => ({
  fundingPubkey: crypto.publicKey(secrets.funding),
  revocationBasepoint: crypto.publicKey(secrets.revocationBasepoint),
  paymentBasepoint: crypto.publicKey(secrets.paymentBasepoint),
  delayedPaymentBasepoint: crypto.publicKey(secrets.delayedPaymentBasepoint),
  htlcBasepoint: crypto.publicKey(secrets.htlcBasepoint),
});
