import { sat } from '@boltwright/base';
import { noble as crypto } from '@boltwright/crypto';
import { KeysManager, validatingSigner } from '@boltwright/keys';

const entropy = (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length));

/** A node's keys, a channel's signer, and the same signer after a restart. */
export function twoSigners() {
  const seed = entropy(32);
  const keys = new KeysManager({ seed, crypto, entropy });
  const id = keys.channelKeysId(false, keys.secureRandomBytes(32));
  const signer = validatingSigner(keys.channelSigner(id, sat(1_000_000n)), { crypto });
  const point = signer.perCommitmentPoint(0n); // { kind: 'ready', value: 33 bytes }
  const again = new KeysManager({ seed, crypto, entropy }).channelSigner(id, sat(1_000_000n)).perCommitmentPoint(0n);
  return { nodeId: keys.nodeId(), point, again };
}
