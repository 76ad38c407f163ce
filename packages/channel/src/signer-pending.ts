import type { Answer } from '@boltwright/base';

/** Thrown by {@link answered} and caught by `transition` alone: the input is made again once the signer is unblocked. */
export class SignerPending {}

/**
 * The signer's answer.
 *
 * @throws SignerPending where there is none yet. Nothing has changed by then: states are values.
 */
export function answered<T>(answer: Answer<T>): T {
  if (answer.kind === 'pending') throw new SignerPending();
  return answer.value;
}
