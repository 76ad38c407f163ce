import { type BlockHeight, concatBytes, paymentHashBytes } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelTransactionParameters, CommitmentSpec } from '@boltwright/interfaces';
import { type HtlcDirection, isTrimmed } from '@boltwright/transactions';

/** What rebuilds the script of an HTLC output in a revoked commitment: 25 bytes when packed. */
export interface RevokedHtlc {
  /** Seen from the commitment's broadcaster, the counterparty. */
  readonly direction: HtlcDirection;
  /** 20 bytes: RIPEMD160 of the payment hash, as it stands in the script. */
  readonly paymentHash160: Uint8Array;
  readonly cltvExpiry: BlockHeight;
}

/** One revoked commitment's HTLC outputs; commitments without any need no record. */
export interface RevokedCommitment {
  readonly index: bigint;
  /** {@link packRevoked}. */
  readonly htlcs: Uint8Array;
}

const packedLength = 25;

/** The HTLCs that have an output in their commitment, 25 bytes each, in the order of `spec`. */
export function packRevoked(
  crypto: CryptoBackend,
  parameters: ChannelTransactionParameters,
  spec: CommitmentSpec,
): Uint8Array {
  const dustLimit = parameters.counterparty.dustLimitSatoshis;
  const kept = spec.htlcs.filter((htlc) => !isTrimmed(parameters.commitmentFormat, htlc, spec.feeratePerKw, dustLimit));
  return concatBytes(
    ...kept.map((htlc) => {
      const packed = new Uint8Array(packedLength);
      packed[0] = htlc.direction === 'offered' ? 0 : 1;
      packed.set(crypto.ripemd160(paymentHashBytes(htlc.paymentHash)), 1);
      new DataView(packed.buffer).setUint32(21, htlc.cltvExpiry);
      return packed;
    }),
  );
}

/** The HTLCs of {@link packRevoked}; what does not fill 25 bytes at the end is passed over. */
export function unpackRevoked(packed: Uint8Array): readonly RevokedHtlc[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  return Array.from({ length: Math.floor(packed.length / packedLength) }, (_, i) => {
    const at = i * packedLength;
    return {
      direction: packed[at] === 0 ? 'offered' : 'received',
      paymentHash160: packed.subarray(at + 1, at + 21),
      cltvExpiry: view.getUint32(at + 21) as BlockHeight,
    };
  });
}
