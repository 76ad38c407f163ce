import { type Answer, pending, ready } from '@boltwright/base';
import type { NodeSigner } from '@boltwright/interfaces';

/** An ECDH with the node's key that is asked for: SHA-256 of (tweak ·) node key · point. */
export interface EcdhRequest {
  readonly point: Uint8Array;
  readonly tweak?: Uint8Array;
}

/** Work that asks for ECDHs on its way. What it is handed back is undefined where the point is none. */
export type EcdhSteps<T> = Generator<EcdhRequest, T, Uint8Array | undefined>;

/** Runs the work with a signer; where that answers `pending`, so does this, and it is to be run anew. */
export function runWithSigner<T>(signer: Pick<NodeSigner, 'ecdh'>, steps: EcdhSteps<T>): Answer<T> {
  let step = steps.next();
  while (step.done !== true) {
    const { point, tweak } = step.value;
    const answer = tweak === undefined ? signer.ecdh(point) : signer.ecdh(point, tweak);
    if (answer.kind === 'pending') return pending;
    step = steps.next(answer.value);
  }
  return ready(step.value);
}
