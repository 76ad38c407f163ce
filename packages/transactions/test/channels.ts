import { blockHeight, feeratePerKw, msat, paymentHashOf, sat, txid } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type {
  ChannelPublicKeys,
  ChannelTransactionParameters,
  CommitmentFormat,
  CommitmentSpec,
} from '@boltwright/interfaces';
import * as fc from 'fast-check';

export const formats: readonly CommitmentFormat[] = ['static_remotekey', 'anchors'];

/** One side's private keys, told apart by a byte. */
export const sideSecrets = (side: number) => {
  const secret = (byte: number): Uint8Array => new Uint8Array(32).fill(16 * side + byte);
  return {
    funding: secret(1),
    revocationBasepoint: secret(2),
    paymentBasepoint: secret(3),
    delayedPaymentBasepoint: secret(4),
    htlcBasepoint: secret(5),
    perCommitment: secret(6),
  };
};

const pubkeysOf = (side: number): ChannelPublicKeys => {
  const secrets = sideSecrets(side);
  return {
    fundingPubkey: noble.publicKey(secrets.funding),
    revocationBasepoint: noble.publicKey(secrets.revocationBasepoint),
    paymentBasepoint: noble.publicKey(secrets.paymentBasepoint),
    delayedPaymentBasepoint: noble.publicKey(secrets.delayedPaymentBasepoint),
    htlcBasepoint: noble.publicKey(secrets.htlcBasepoint),
  };
};
const ours = pubkeysOf(1);
const theirs = pubkeysOf(2);

/** A channel of 10,000,000 sat, side 1 the holder. */
export const channel = (
  commitmentFormat: CommitmentFormat,
  change: { readonly holderIsOpener?: boolean; readonly dustLimit?: bigint; readonly toSelfDelay?: number } = {},
): ChannelTransactionParameters => ({
  commitmentFormat,
  holderIsOpener: change.holderIsOpener ?? true,
  holder: { pubkeys: ours, dustLimitSatoshis: sat(change.dustLimit ?? 354n), toSelfDelay: 144 },
  counterparty: { pubkeys: theirs, dustLimitSatoshis: sat(546n), toSelfDelay: change.toSelfDelay ?? 720 },
  fundingOutpoint: { txid: txid('11'.repeat(32)), vout: 1 },
  fundingSatoshis: sat(10_000_000n),
});

/** The same channel as the other side holds it. */
export const mirrored = (parameters: ChannelTransactionParameters): ChannelTransactionParameters => ({
  ...parameters,
  holderIsOpener: !parameters.holderIsOpener,
  holder: parameters.counterparty,
  counterparty: parameters.holder,
});

export const preimageOf = (n: number): Uint8Array => new Uint8Array(32).fill(n & 0xff);

/** Commitments of {@link channel}, with up to a dozen HTLCs; amounts, expiries and hashes collide on purpose. */
export const anySpec = (broadcasterSide: number): fc.Arbitrary<CommitmentSpec> =>
  fc
    .record({
      index: fc.bigInt({ min: 0n, max: (1n << 48n) - 1n }),
      feerate: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.nat(0xffff_ffff)),
      share: fc.integer({ min: 0, max: 1000 }),
      htlcs: fc.array(
        fc.record({
          direction: fc.constantFrom('offered' as const, 'received' as const),
          amount: fc.oneof(fc.constantFrom(330_000n, 354_000n, 353_999n, 10_000_999n), fc.bigInt(0n, 100_000_000n)),
          expiry: fc.constantFrom(0, 16, 17, 500, 501, 800_000),
          preimage: fc.constantFrom(1, 2, 3),
        }),
        { maxLength: 12 },
      ),
    })
    .map(({ index, feerate, share, htlcs }) => {
      const left = 10_000_000_000n - htlcs.reduce((sum, htlc) => sum + htlc.amount, 0n);
      const toBroadcaster = (left * BigInt(share)) / 1000n;
      return {
        index,
        perCommitmentPoint: noble.publicKey(sideSecrets(broadcasterSide).perCommitment),
        feeratePerKw: feeratePerKw(feerate),
        toBroadcasterMsat: msat(toBroadcaster),
        toCountersignerMsat: msat(left - toBroadcaster),
        htlcs: htlcs.map((htlc, id) => ({
          direction: htlc.direction,
          id: BigInt(id),
          amountMsat: msat(htlc.amount),
          cltvExpiry: blockHeight(htlc.expiry),
          paymentHash: paymentHashOf(noble.sha256(preimageOf(htlc.preimage))),
        })),
      };
    });
