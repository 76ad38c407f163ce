import { copyBytes, err, ok, type Result, toHex } from '@boltwright/base';
import { type BadOnionFailure, type Failure, failureCodeOf, failureCodes, failureFlag } from './failure.ts';
import type { Complaint } from './onion-error.ts';

/** Where this node stands to a blinded path: decides what it may say about a failure. */
export type Blinding =
  /** Outside of it, or its last hop and first at once. */
  | 'none'
  /** The introduction node: the payload has `current_path_key`. */
  | 'introduction'
  /** Behind it: `update_add_htlc` has a `path_key`. */
  | 'inside';

/** How an incoming HTLC is failed. */
export type HtlcReply =
  | {
      /** `update_fail_htlc` with what `buildFailure` makes of this. */
      readonly kind: 'fail';
      readonly failure: Failure;
      /** BOLT #4, Route Blinding: wait a random time, so that it does not tell where the failure came from. */
      readonly delay: boolean;
    }
  | {
      /** `update_fail_malformed_htlc`. */
      readonly kind: 'malformed';
      readonly failureCode: number;
      /** 32 bytes. */
      readonly sha256OfOnion: Uint8Array;
    };

/**
 * How to fail an incoming HTLC for a reason of one's own or from downstream: within a blinded path every reason
 * becomes `invalid_onion_blinding`, and an onion that cannot be read is reported to the peer in the clear.
 *
 * @param sha256OfOnion - Of the onion received with the HTLC; zeros (which the BOLT allows) when left out.
 * @see BOLT #4, Failure Messages: Requirements; BOLT #2, Removing an HTLC
 */
export function replyTo(
  blinding: Blinding,
  failure: Failure,
  sha256OfOnion: Uint8Array = new Uint8Array(32),
): HtlcReply {
  switch (blinding) {
    case 'inside':
      return { kind: 'malformed', failureCode: failureCodes.invalid_onion_blinding, sha256OfOnion };
    case 'introduction':
      return { kind: 'fail', failure: { kind: 'invalid_onion_blinding', sha256OfOnion }, delay: true };
    case 'none':
      return { kind: 'fail', failure, delay: false };
  }
}

/** How an onion that could not be peeled is reported: no secret is shared with the origin, so the peer tells it. */
export const malformedOf = (failure: BadOnionFailure): HtlcReply & { readonly kind: 'malformed' } => ({
  kind: 'malformed',
  failureCode: failureCodeOf(failure),
  sha256OfOnion: failure.sha256OfOnion,
});

/** An `update_fail_malformed_htlc` that breaks BOLT 2. */
export interface MalformedError extends Complaint {
  readonly kind: 'malformed_without_badonion';
  /** BOLT #2, Removing an HTLC: warning and disconnect, or fail the channel. */
  readonly reaction: 'failChannel';
}

/**
 * The failure to be built in the place of a peer that reported our onion as malformed.
 *
 * @param message - The fields of `update_fail_malformed_htlc`.
 * @returns the failure with bytes of its own, or an error where the code has no BADONION flag.
 * @see BOLT #2, Removing an HTLC
 */
export function failureOfMalformed(message: {
  readonly failureCode: number;
  readonly sha256OfOnion: Uint8Array;
}): Result<Failure, MalformedError> {
  const { failureCode } = message;
  if ((failureCode & failureFlag.badOnion) === 0) {
    return err({
      kind: 'malformed_without_badonion',
      reaction: 'failChannel',
      section: 'BOLT #2: Removing an HTLC',
      field: 'failureCode',
      value: `0x${toHex(Uint8Array.of(failureCode >>> 8, failureCode & 0xff))}`,
      text: 'update_fail_malformed_htlc without the BADONION flag',
    });
  }
  // In the message it is a view of what the peer sent.
  const sha256OfOnion = copyBytes(message.sha256OfOnion);
  for (const kind of badOnionKinds) if (failureCodes[kind] === failureCode) return ok({ kind, sha256OfOnion });
  return ok({ kind: 'unknown_failure', code: failureCode, data: sha256OfOnion });
}

const badOnionKinds = [
  'invalid_onion_version',
  'invalid_onion_hmac',
  'invalid_onion_key',
  'invalid_onion_blinding',
] as const satisfies readonly BadOnionFailure['kind'][];
