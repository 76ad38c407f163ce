/** Why a validating signer does not sign. */
export type RefusalReason =
  /** The counterparty's commitment has a lower number than one already signed. */
  | 'lowerNumber'
  /** Another content under a number already signed or validated. */
  | 'alteredContent'
  /** The number's secret is known to the other side, or goes beyond what the last revocation allows. */
  | 'revoked'
  | 'notYetRevoked'
  /** A secret of the commitment that is still the last one, or of one that was signed for broadcast. */
  | 'notReplaced'
  | 'signedForBroadcast'
  /** Our commitment was never shown to `validateHolderCommitment`. */
  | 'notValidated'
  /** A revealed secret that does not belong to the commitment's point. */
  | 'wrongSecret';

/** Thrown by `validatingSigner` in place of a signature or a secret. A bug or a stale state, never a peer's doing. */
export class SignerRefused extends Error {
  override readonly name = 'SignerRefused';
  readonly reason: RefusalReason;
  /** The method that was called. */
  readonly method: string;
  /** The commitment number it was called for, counting up from 0; undefined where only a point is known. */
  readonly index: bigint | undefined;

  constructor(reason: RefusalReason, method: string, index: bigint | undefined, detail: string) {
    super(`${method} refused${index === undefined ? '' : ` for commitment ${index}`}: ${detail}`);
    this.reason = reason;
    this.method = method;
    this.index = index;
  }
}
