import type { Script } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelKeysId } from '@boltwright/interfaces';
import { p2wpkh, p2wsh, toRemoteAnchorsWitnessScript } from '@boltwright/transactions';

/** How many keys there are of each purpose: few enough for a scan of the chain from the seed alone. */
export const ownKeyCount = 1024;

/**
 * What coins of ours may be paid to outside of a channel's life:
 * - `destination`: what was claimed on chain, P2WPKH;
 * - `shutdown`: cooperative closes, P2WPKH;
 * - `payment`: `to_remote` of the counterparty's commitment without anchors, P2WPKH;
 * - `paymentAnchors`: the same with anchors, P2WSH, spendable after one block.
 */
export type OwnOutputPurpose = 'destination' | 'shutdown' | 'payment' | 'paymentAnchors';

/** An output script of ours, with what names its key. */
export interface OwnOutput {
  readonly purpose: OwnOutputPurpose;
  /** 0 to 1023. */
  readonly index: number;
  readonly script: Script;
}

/** Which of the 1024 keys a channel uses: the last ten bits of its id, which are random. */
export const ownKeyIndex = (id: ChannelKeysId): number => Number.parseInt(id.substring(60), 16) % ownKeyCount;

/** The script of one purpose for a public key of 33 bytes. */
export const ownScript = (crypto: CryptoBackend, purpose: OwnOutputPurpose, pubkey: Uint8Array): Script =>
  purpose === 'paymentAnchors' ? p2wsh(crypto, toRemoteAnchorsWitnessScript(pubkey)) : p2wpkh(crypto, pubkey);
