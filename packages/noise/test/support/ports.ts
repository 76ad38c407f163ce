import { createCipheriv, createDecipheriv } from 'node:crypto';
import { type Answer, fromHex, type NodeId, nodeIdOf, pending, ready } from '@boltwright/base';
import { type CryptoBackend, noble } from '@boltwright/crypto';
import type { HandshakePorts } from '../../src/index.ts';

/** noble, with the AEAD of node:crypto. */
export const withNodeAead: CryptoBackend = {
  ...noble,
  name: 'noble with node:crypto AEAD',
  aeadEncrypt(key, nonce, associatedData, plaintext) {
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
    if (associatedData.length > 0) cipher.setAAD(associatedData, { plaintextLength: plaintext.length });
    const output = new Uint8Array(plaintext.length + 16);
    output.set(cipher.update(plaintext));
    cipher.final();
    output.set(cipher.getAuthTag(), plaintext.length);
    return output;
  },
  aeadDecrypt(key, nonce, associatedData, ciphertext) {
    const length = ciphertext.length - 16;
    const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
    if (associatedData.length > 0) decipher.setAAD(associatedData, { plaintextLength: length });
    decipher.setAuthTag(ciphertext.subarray(length));
    const plaintext = decipher.update(ciphertext.subarray(0, length));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return plaintext;
  },
};

export interface Party extends HandshakePorts {
  readonly id: NodeId;
  /** Number of entropy draws so far. */
  readonly draws: () => number;
  /** From now on the signer answers `pending` (true) or at once. */
  readonly hold: (held: boolean) => void;
}

/** A node with known keys; its "entropy" is its ephemeral secret. */
export function party(staticSecret: string, ephemeralSecret: string, crypto: CryptoBackend = noble): Party {
  const secret = fromHex(staticSecret);
  const id = nodeIdOf(noble.publicKey(secret));
  let draws = 0;
  let held = false;
  return {
    id,
    crypto,
    signer: {
      nodeId: () => id,
      ecdh: (other): Answer<Uint8Array | undefined> => (held ? pending : ready(crypto.ecdh(other, secret))),
    },
    entropy: {
      secureRandomBytes(length) {
        draws += 1;
        return fromHex(ephemeralSecret).subarray(0, length);
      },
    },
    draws: () => draws,
    hold: (answer) => {
      held = answer;
    },
  };
}

export const alice = (crypto?: CryptoBackend): Party => party('11'.repeat(32), '12'.repeat(32), crypto);
export const bob = (crypto?: CryptoBackend): Party => party('21'.repeat(32), '22'.repeat(32), crypto);
