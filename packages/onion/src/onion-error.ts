import type { BadOnionFailure, Failure, InvalidOnionPayloadFailure } from './failure.ts';

/**
 * Why an onion is refused, as data. `kind` is the BOLT's name of the failure and {@link failure} what goes back:
 * a failure with the BADONION flag by `update_fail_malformed_htlc` (see `malformedOf`), any other by `buildFailure`.
 */
export interface OnionError {
  readonly kind: (BadOnionFailure | InvalidOnionPayloadFailure)['kind'];
  readonly failure: BadOnionFailure | InvalidOnionPayloadFailure;
  /** The BOLT and its section. */
  readonly section: string;
  /** The field that is wrong, by the BOLT's name in camelCase. */
  readonly field: string;
  /** What stood there. */
  readonly value: string;
  readonly text: string;
}

/** What every refusal in this package is made of. */
export interface Complaint {
  readonly section: string;
  readonly field: string;
  readonly value: string;
  readonly text: string;
}

export const onionError = (
  failure: BadOnionFailure | InvalidOnionPayloadFailure,
  complaint: Complaint,
): OnionError => ({ kind: failure.kind, failure, ...complaint });

/** True for a failure that goes back by `update_fail_malformed_htlc`. */
export const isBadOnion = (failure: Failure): failure is BadOnionFailure => 'sha256OfOnion' in failure;
