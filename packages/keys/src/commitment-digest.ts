import { concatBytes, fromHex, toHex } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { CommitmentSpec } from '@boltwright/interfaces';

const numbers = (...values: readonly bigint[]): Uint8Array => {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setBigUint64(8 * index, value);
  return bytes;
};

/** SHA-256 over all that a commitment says, in hex: equal for equal content, whatever the order of the HTLCs. */
export function commitmentDigest(crypto: CryptoBackend, spec: CommitmentSpec): string {
  const htlcs = spec.htlcs
    .map((htlc) =>
      toHex(
        concatBytes(
          Uint8Array.of(htlc.direction === 'offered' ? 0 : 1),
          numbers(htlc.id, htlc.amountMsat, BigInt(htlc.cltvExpiry)),
          fromHex(htlc.paymentHash),
        ),
      ),
    )
    .sort();
  const figures = [spec.index, BigInt(spec.feeratePerKw), spec.toBroadcasterMsat, spec.toCountersignerMsat];
  return toHex(
    crypto.sha256(
      concatBytes(numbers(...figures, BigInt(htlcs.length)), spec.perCommitmentPoint, ...htlcs.map(fromHex)),
    ),
  );
}
