import { err, ok, type Result } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { type BlindingError, blindedNodeTweak, nextPathKey, unblindHop } from './blinded-path.ts';
import type { EcdhSteps } from './ecdh-steps.ts';
import type { EncryptedData } from './encrypted-data.ts';
import type { OnionError } from './onion-error.ts';
import { invalidOnionKey, onionPublicKey } from './peel-onion.ts';

/** The secrets of one layer. */
export interface LayerSecrets {
  /** 32 bytes: shared with the origin. */
  readonly sharedSecret: Uint8Array;
  /** 32 bytes: shared with the creator of the blinded path; missing without a path key. */
  readonly pathSecret?: Uint8Array;
}

const invalidPathKey = (): BlindingError => ({
  kind: 'blinding_invalid_path_key',
  section: 'BOLT #4: Route Blinding',
  field: 'pathKey',
  value: '33 bytes',
  text: 'no point of secp256k1',
});

/**
 * Asks for what `peelOnion` needs: the ECDH of the packet's key and the node's, blinded where there is a path key.
 *
 * @see BOLT #4, Onion Decryption
 */
export function* layerSecrets(
  crypto: CryptoBackend,
  packet: Uint8Array,
  pathKey: Uint8Array | undefined,
): EcdhSteps<Result<LayerSecrets, OnionError | BlindingError>> {
  const publicKey = onionPublicKey(crypto, packet);
  if (!publicKey.ok) return publicKey;
  if (pathKey === undefined) {
    const sharedSecret = yield { point: publicKey.value };
    return sharedSecret === undefined ? err(invalidOnionKey(crypto, packet)) : ok({ sharedSecret });
  }
  const pathSecret = yield { point: pathKey };
  if (pathSecret === undefined) return err(invalidPathKey());
  const sharedSecret = yield { point: publicKey.value, tweak: blindedNodeTweak(crypto, pathSecret) };
  return sharedSecret === undefined ? err(invalidOnionKey(crypto, packet)) : ok({ sharedSecret, pathSecret });
}

/** What the creator of a blinded path tells this hop, and the path key for the next, where there is one. */
export interface UnblindedLayer {
  readonly data: EncryptedData;
  /** Computed when asked for: the last hop needs none. */
  readonly nextPathKey: () => Result<Uint8Array, BlindingError>;
}

/** Decrypts a hop's data; `pathSecret` is asked for where the layer was opened without it. */
export function* unblindLayer(
  crypto: CryptoBackend,
  encryptedRecipientData: Uint8Array,
  pathKey: Uint8Array,
  pathSecret: Uint8Array | undefined,
): EcdhSteps<Result<UnblindedLayer, BlindingError>> {
  const sharedSecret = pathSecret ?? (yield { point: pathKey });
  if (sharedSecret === undefined) return err(invalidPathKey());
  const data = unblindHop(crypto, { pathKey, sharedSecret, encryptedRecipientData });
  if (!data.ok) return data;
  return ok({ data: data.value, nextPathKey: () => nextPathKey(crypto, { pathKey, sharedSecret }, data.value) });
}

/**
 * Dummy hops that are peeled through unless more are asked for. Anybody can make a path of dummy hops to a node, and
 * each costs it three multiplications of a point: no more than its own paths have should be taken.
 */
export const defaultMaxDummyHops = 5;
