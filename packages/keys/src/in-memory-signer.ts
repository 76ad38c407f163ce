import type { Answer, RawTransaction, Sat, Script } from '@boltwright/base';
import { copyBytes, ready, unwrap } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type {
  ChannelPublicKeys,
  ChannelSigner,
  ClosingTransaction,
  CommitmentSignatures,
  CounterpartyCommitment,
  HolderCommitment,
  HtlcClaim,
  JusticeClaim,
  SweepClaim,
} from '@boltwright/interfaces';
import {
  anchorWitnessScript,
  buildCommitment,
  closingSighash,
  commitmentRules,
  commitmentSighash,
  derivePrivateKey,
  deriveRevocationPrivateKey,
  p2wpkhScriptCode,
  parseTransaction,
  segwitSighash,
  signCommitment,
} from '@boltwright/transactions';
import { type ChannelSecrets, channelPublicKeys } from './channel-secrets.ts';
import { CommitmentChain } from './commitment-chain.ts';

const done: Answer<void> = ready(undefined);

/**
 * The default channel signer: the secrets in memory, every answer ready. It trusts whoever calls it; a wrapper that does
 * not is `validatingSigner`.
 *
 * Transactions to sign come from our own code: bytes that are none throw an `Error`, an input that is not there a
 * `RangeError`.
 */
export class InMemorySigner implements ChannelSigner {
  readonly #crypto: CryptoBackend;
  readonly #secrets: ChannelSecrets;
  readonly #chain: CommitmentChain;
  #pubkeys: ChannelPublicKeys | undefined;

  /** @throws RangeError when a secret is no secret key. */
  constructor(crypto: CryptoBackend, secrets: ChannelSecrets) {
    this.#crypto = crypto;
    this.#secrets = secrets;
    this.#chain = new CommitmentChain(crypto, secrets.commitmentSeed);
    for (const [name, secret] of Object.entries(secrets)) {
      if (name === 'commitmentSeed' ? secret.length !== 32 : !crypto.isSecretKey(secret)) {
        throw new RangeError(`${name} is no secret key`);
      }
    }
  }

  /** Worked out when first asked for: a restart with many channels asks few. */
  get pubkeys(): ChannelPublicKeys {
    this.#pubkeys ??= channelPublicKeys(this.#crypto, this.#secrets);
    return this.#pubkeys;
  }

  perCommitmentPoint(index: bigint): Answer<Uint8Array> {
    return ready(copyBytes(this.#chain.point(index)));
  }

  releaseCommitmentSecret(index: bigint): Answer<Uint8Array> {
    return ready(copyBytes(this.#chain.secret(index)));
  }

  validateHolderCommitment(_commitment: HolderCommitment, _preimages: readonly Uint8Array[]): Answer<void> {
    return done;
  }

  validateCounterpartyRevocation(_index: bigint, _secret: Uint8Array): Answer<void> {
    return done;
  }

  signCounterpartyCommitment(
    { parameters, spec }: CounterpartyCommitment,
    _preimages: readonly Uint8Array[],
  ): Answer<CommitmentSignatures> {
    const built = buildCommitment(this.#crypto, parameters, 'counterparty', spec);
    return ready(signCommitment(this.#crypto, built, this.#secrets.funding, this.#htlcKey(spec.perCommitmentPoint)));
  }

  signHolderCommitment({ parameters, spec }: HolderCommitment): Answer<Uint8Array> {
    const built = buildCommitment(this.#crypto, parameters, 'holder', spec);
    return ready(this.#crypto.sign(commitmentSighash(this.#crypto, built), this.#secrets.funding));
  }

  signHolderHtlc(transaction: RawTransaction, input: number, claim: HtlcClaim): Answer<Uint8Array> {
    return this.#signHtlc(transaction, input, claim);
  }

  signCounterpartyHtlc(transaction: RawTransaction, input: number, claim: HtlcClaim): Answer<Uint8Array> {
    return this.#signHtlc(transaction, input, claim);
  }

  signJustice(transaction: RawTransaction, input: number, claim: JusticeClaim): Answer<Uint8Array> {
    const secret = deriveRevocationPrivateKey(
      this.#crypto,
      claim.perCommitmentSecret,
      this.#secrets.revocationBasepoint,
    );
    return this.#signInput(transaction, input, claim.witnessScript, claim.value, secret);
  }

  signSweep(transaction: RawTransaction, input: number, claim: SweepClaim): Answer<Uint8Array> {
    if (claim.kind === 'delayed') {
      const secret = derivePrivateKey(
        this.#crypto,
        claim.perCommitmentPoint,
        this.pubkeys.delayedPaymentBasepoint,
        this.#secrets.delayedPaymentBasepoint,
      );
      return this.#signInput(transaction, input, claim.witnessScript, claim.value, secret);
    }
    const { paymentBasepoint } = this.pubkeys;
    const script =
      commitmentRules(claim.parameters.commitmentFormat).toRemote(this.#crypto, paymentBasepoint).witnessScript ??
      p2wpkhScriptCode(this.#crypto, paymentBasepoint);
    return this.#signInput(transaction, input, script, claim.value, this.#secrets.paymentBasepoint);
  }

  signClosing(closing: ClosingTransaction): Answer<Uint8Array> {
    return ready(this.#crypto.sign(closingSighash(this.#crypto, closing), this.#secrets.funding));
  }

  signAnchor(transaction: RawTransaction, input: number): Answer<Uint8Array> {
    const script = anchorWitnessScript(this.pubkeys.fundingPubkey);
    return this.#signInput(transaction, input, script, 330n as Sat, this.#secrets.funding);
  }

  signChannelAnnouncement(unsigned: Uint8Array): Answer<Uint8Array> {
    return ready(this.#crypto.sign(this.#crypto.hash256(unsigned), this.#secrets.funding));
  }

  #htlcKey(perCommitmentPoint: Uint8Array): Uint8Array {
    return derivePrivateKey(this.#crypto, perCommitmentPoint, this.pubkeys.htlcBasepoint, this.#secrets.htlcBasepoint);
  }

  #signHtlc(transaction: RawTransaction, input: number, claim: HtlcClaim): Answer<Uint8Array> {
    const secret = this.#htlcKey(claim.perCommitmentPoint);
    return this.#signInput(transaction, input, claim.witnessScript, claim.value, secret);
  }

  #signInput(
    transaction: RawTransaction,
    input: number,
    scriptCode: Script,
    value: Sat,
    secret: Uint8Array,
  ): Answer<Uint8Array> {
    const parsed = unwrap(parseTransaction(transaction.bytes));
    return ready(this.#crypto.sign(segwitSighash(this.#crypto, parsed, input, scriptCode, value), secret));
  }
}
