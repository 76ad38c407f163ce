import { type ChainHash, err, ok, type Result } from '@boltwright/base';
import { combineFeatures, type Init, missingDependencies, unsupportedRequiredBits } from '@boltwright/wire';
import { type PeerError, peerError } from './peer-error.ts';

const initSection = 'BOLT 1, The init Message';

/** Our `init`. Features go into `features` alone: `globalfeatures` is history (BOLT 1). */
export function makeInit(
  features: Uint8Array,
  chains: readonly ChainHash[],
  remoteAddress: Uint8Array | undefined,
): Init {
  return {
    type: 'init',
    globalFeatures: new Uint8Array(0),
    features,
    ...(chains.length === 0 ? {} : { networks: [...chains] }),
    ...(remoteAddress === undefined ? {} : { remoteAddr: remoteAddress }),
  };
}

/**
 * Judges the peer's `init` (BOLT 1, The `init` Message; BOLT 9).
 *
 * @param ours - the features that our `init` to this peer offers.
 * @param chains - ours; empty where any chain will do.
 * @returns the peer's features, both vectors in one, without leading zero bytes.
 */
export function checkInit(init: Init, ours: Uint8Array, chains: readonly ChainHash[]): Result<Uint8Array, PeerError> {
  const theirs = combineFeatures(init.globalFeatures, init.features);
  const bit = unsupportedRequiredBits(ours, theirs)[0];
  if (bit !== undefined) {
    return err(
      peerError('unsupported_feature', `the peer requires feature bit ${bit}, which we do not offer`, {
        section: initSection,
        field: 'features',
        value: bit,
        cause: { kind: 'unknown_required_bit', bit },
      }),
    );
  }
  const missing = missingDependencies(theirs)[0];
  if (missing !== undefined) {
    const text =
      missing.kind === 'missing_dependency' ? `${missing.feature} is set without ${missing.dependency}` : missing.kind;
    return err(
      peerError('missing_dependency', text, { section: 'BOLT 9, Requirements', field: 'features', cause: missing }),
    );
  }
  const { networks } = init;
  if (networks !== undefined && chains.length > 0 && !networks.some((chain) => chains.includes(chain))) {
    return err(
      peerError('no_common_chain', `the peer knows ${networks.length} chains and none of ours`, {
        section: initSection,
        field: 'networks',
        ...(networks[0] === undefined ? {} : { value: networks[0] }),
      }),
    );
  }
  return ok(theirs);
}
