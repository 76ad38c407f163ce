import { type Answer, type Brand, ready } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';

/** One ECDSA signature to be checked: plain data, so that a worker can do it. */
export interface SignatureCheck {
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /** 33 bytes that may be no point: then the signature is invalid. */
  readonly point: Uint8Array;
}

/** Counts up; never used twice by one handler. */
export type SignatureBatchId = Brand<number, 'SignatureBatchId'>;

/**
 * Checks signatures by the batch, here or on workers.
 *
 * Requirements: one answer a check, in their order. `pending` is answered later by
 * `NetGraphMsgHandler.signaturesChecked(batch, answers)`, batches in any order. One that is not answered
 * is given up after a while (`verifierTicks`).
 */
export interface SignatureVerifier {
  verify(batch: SignatureBatchId, checks: readonly SignatureCheck[]): Answer<readonly boolean[]>;
}

/** Checks them at once, one after the other. */
export function checkSignatures(crypto: CryptoBackend, checks: readonly SignatureCheck[]): readonly boolean[] {
  return checks.map(({ signature, hash, point }) => crypto.verify(signature, hash, point));
}

/** The verifier that a handler uses unless it is given another: this thread, at once. */
export const backendVerifier = (crypto: CryptoBackend): SignatureVerifier => ({
  verify: (_batch, checks) => ready(checkSignatures(crypto, checks)),
});
