import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelPublicKeys, ChannelSide, ChannelTransactionParameters } from '@boltwright/interfaces';
import { derivePublicKey, deriveRevocationPublicKey } from './derive-keys.ts';

/** Whose commitment it is: ours (`holder`) or theirs. */
export type Broadcaster = 'holder' | 'counterparty';

/** The two sides of a commitment, named by what they do to it. */
export interface CommitmentSides {
  readonly broadcaster: ChannelSide;
  readonly countersigner: ChannelSide;
  readonly broadcasterIsOpener: boolean;
}

/** Who is who in a commitment that `broadcaster` would publish. */
export const commitmentSides = (parameters: ChannelTransactionParameters, broadcaster: Broadcaster): CommitmentSides =>
  broadcaster === 'holder'
    ? {
        broadcaster: parameters.holder,
        countersigner: parameters.counterparty,
        broadcasterIsOpener: parameters.holderIsOpener,
      }
    : {
        broadcaster: parameters.counterparty,
        countersigner: parameters.holder,
        broadcasterIsOpener: !parameters.holderIsOpener,
      };

/** The public keys in one commitment's scripts (BOLT 3, Key Derivation), 33 bytes each. */
export interface CommitmentKeys {
  readonly perCommitmentPoint: Uint8Array;
  /** Spends every output of the broadcaster's at once, if the commitment is revoked. */
  readonly revocationPubkey: Uint8Array;
  /** The broadcaster's `local_delayedpubkey`. */
  readonly broadcasterDelayedPubkey: Uint8Array;
  /** The broadcaster's `local_htlcpubkey`. */
  readonly broadcasterHtlcPubkey: Uint8Array;
  /** The other side's `remote_htlcpubkey`. */
  readonly countersignerHtlcPubkey: Uint8Array;
  /** The other side's `remotepubkey`: its payment basepoint, not tweaked. */
  readonly countersignerPaymentPubkey: Uint8Array;
}

/** The HTLC keys are derived when first asked for: a commitment without HTLCs needs none. */
class DerivedKeys implements CommitmentKeys {
  readonly perCommitmentPoint: Uint8Array;
  readonly revocationPubkey: Uint8Array;
  readonly broadcasterDelayedPubkey: Uint8Array;
  readonly countersignerPaymentPubkey: Uint8Array;
  readonly #crypto: CryptoBackend;
  readonly #sides: CommitmentSides;
  #broadcasterHtlcPubkey: Uint8Array | undefined;
  #countersignerHtlcPubkey: Uint8Array | undefined;

  constructor(crypto: CryptoBackend, sides: CommitmentSides, perCommitmentPoint: Uint8Array) {
    const own = sides.broadcaster.pubkeys;
    const other = sides.countersigner.pubkeys;
    this.#crypto = crypto;
    this.#sides = sides;
    this.perCommitmentPoint = perCommitmentPoint;
    this.revocationPubkey = deriveRevocationPublicKey(crypto, perCommitmentPoint, other.revocationBasepoint);
    this.broadcasterDelayedPubkey = derivePublicKey(crypto, perCommitmentPoint, own.delayedPaymentBasepoint);
    this.countersignerPaymentPubkey = other.paymentBasepoint;
  }

  get broadcasterHtlcPubkey(): Uint8Array {
    this.#broadcasterHtlcPubkey ??= this.#htlcPubkey(this.#sides.broadcaster);
    return this.#broadcasterHtlcPubkey;
  }

  get countersignerHtlcPubkey(): Uint8Array {
    this.#countersignerHtlcPubkey ??= this.#htlcPubkey(this.#sides.countersigner);
    return this.#countersignerHtlcPubkey;
  }

  #htlcPubkey({ pubkeys }: ChannelSide): Uint8Array {
    return derivePublicKey(this.#crypto, this.perCommitmentPoint, pubkeys.htlcBasepoint);
  }
}

/**
 * The keys of one commitment: two point multiplications and up to three tweaks, so it is done once per commitment and
 * handed on.
 *
 * Every point must have been checked when it came in: see {@link invalidPubkey}.
 */
export function deriveCommitmentKeys(
  crypto: CryptoBackend,
  parameters: ChannelTransactionParameters,
  broadcaster: Broadcaster,
  perCommitmentPoint: Uint8Array,
): CommitmentKeys {
  return new DerivedKeys(crypto, commitmentSides(parameters, broadcaster), perCommitmentPoint);
}

/**
 * The first of a side's keys that is no compressed point, or undefined when all are (BOLT 2, `open_channel`: the
 * receiver MUST fail the channel otherwise). Nothing below works with keys that were not checked.
 */
export function invalidPubkey(crypto: CryptoBackend, pubkeys: ChannelPublicKeys): keyof ChannelPublicKeys | undefined {
  const names = [
    'fundingPubkey',
    'revocationBasepoint',
    'paymentBasepoint',
    'delayedPaymentBasepoint',
    'htlcBasepoint',
  ] as const;
  return names.find((name) => !crypto.isPoint(pubkeys[name]));
}
