import { type CryptoBackend, noble } from '@boltwright/crypto';

/** Everything takes its backend as a value: another one is another argument. */
export function agree(crypto: CryptoBackend): boolean {
  const [mine, yours] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const hash = crypto.sha256(crypto.publicKey(yours));
  const signature = crypto.sign(hash, mine);
  if (!crypto.verify(signature, hash, crypto.publicKey(mine))) return false;
  const secret = crypto.ecdh(crypto.publicKey(yours), mine);
  return (
    secret !== undefined && crypto.ecdh(crypto.publicKey(mine), yours)?.every((byte, i) => byte === secret[i]) === true
  );
}

export const agreed = agree(noble);
