import { type BlockHeight, toHex } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';

/** 64 hex digits that stand for an onion: the same only if it is sent again. */
export type OnionId = string;

/**
 * The id of an onion at this node: the hash of the shared secret, which says nothing about the secret.
 *
 * @param sharedSecret - 32 bytes.
 */
export const onionId = (crypto: CryptoBackend, sharedSecret: Uint8Array): OnionId => toHex(crypto.sha256(sharedSecret));

/**
 * Remembers the onions seen, so that none is taken twice (BOLT #4, Onion Decryption). The caller owns it and decides
 * where it is kept: an onion that is worked on again after a restart, for the same HTLC, is no replay.
 */
export interface ReplayGuard {
  /**
   * Notes an onion.
   *
   * @param expiry - The incoming HTLC's: from this height on a replay of it cannot be paid, so it may be forgotten.
   * @returns false when it had been noted before.
   */
  note(id: OnionId, expiry: BlockHeight): boolean;
}

/** A {@link ReplayGuard} in memory: as many entries as HTLCs seen that have not expired. */
export class ReplaySet implements ReplayGuard {
  readonly #expiries = new Map<OnionId, BlockHeight>();

  get size(): number {
    return this.#expiries.size;
  }

  note(id: OnionId, expiry: BlockHeight): boolean {
    if (this.#expiries.has(id)) return false;
    this.#expiries.set(id, expiry);
    return true;
  }

  /** Forgets what expired below `height`. */
  prune(height: BlockHeight): void {
    for (const [id, expiry] of this.#expiries) if (expiry < height) this.#expiries.delete(id);
  }
}
