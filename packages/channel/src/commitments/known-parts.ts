import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelTransactionParameters } from '@boltwright/interfaces';
import { type KnownCommitmentParts, obscuringFactor } from '@boltwright/transactions';

/** Derived from the key, never stored: gone with the state that holds it. */
const known = new WeakMap<ChannelTransactionParameters, KnownCommitmentParts>();

/** What stays the same over all commitments of a channel (BOLT 3, Commitment Transaction), worked out once. */
export function knownParts(crypto: CryptoBackend, parameters: ChannelTransactionParameters): KnownCommitmentParts {
  const before = known.get(parameters);
  if (before !== undefined) return before;
  const parts = { obscuringFactor: obscuringFactor(crypto, parameters) };
  known.set(parameters, parts);
  return parts;
}
