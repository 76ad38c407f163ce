import { type PaymentHash, type RawTransaction, type Sat, type TxOut, unwrap } from '@boltwright/base';
import { checkScripts, dustLimit, parseTransaction } from '@boltwright/chain-regtest';
import type { CryptoBackend } from '@boltwright/crypto';
import type { HolderCommitment } from '@boltwright/interfaces';
import {
  buildCommitment,
  fundingScript,
  htlcTransaction,
  signedCommitment,
  signedHtlcTransaction,
  toRawTransaction,
} from '@boltwright/transactions';
import type { Pair } from './pair.ts';
import type { Party } from './party.ts';

/** Runs what a party could broadcast, as its monitor would sign it, in a script interpreter that is not ours. */
export class ScriptCheck {
  transactions = 0;
  readonly #crypto: CryptoBackend;
  readonly #pair: Pair;
  readonly #preimages: ReadonlyMap<PaymentHash, Uint8Array>;
  readonly #seen = new Map<Party, number>();

  constructor(crypto: CryptoBackend, pair: Pair, preimages: ReadonlyMap<PaymentHash, Uint8Array>) {
    this.#crypto = crypto;
    this.#pair = pair;
    this.#preimages = preimages;
  }

  /** Checks what came since the last call. @throws Error with the interpreter's reason. */
  run(): void {
    for (const party of this.#pair.parties) {
      const from = this.#seen.get(party) ?? 0;
      for (const effect of party.effects.slice(from)) {
        if (effect.kind === 'watchChannel') this.#commitment(party, effect.initial.holderCommitment);
        if (effect.kind === 'broadcast') this.#spend(`${party.name}'s close`, effect.transaction, this.#funding(party));
        if (effect.kind !== 'updateMonitor') continue;
        for (const step of effect.update.steps) {
          if (step.kind === 'holderCommitment') this.#commitment(party, step.commitment);
        }
      }
      this.#seen.set(party, party.effects.length);
    }
  }

  #funding(party: Party): TxOut {
    const { fundingPubkey } = party.late.keys.pubkeys;
    return {
      value: this.#pair.fundingSatoshis as Sat,
      script: fundingScript(this.#crypto, fundingPubkey, this.#pair.other(party).late.keys.pubkeys.fundingPubkey),
    };
  }

  #commitment(party: Party, commitment: HolderCommitment): void {
    const crypto = this.#crypto;
    const { keys } = party.late;
    const { parameters, spec, counterpartySignatures } = commitment;
    const built = buildCommitment(crypto, parameters, 'holder', spec);
    const ours = keys.signHolderCommitment(commitment);
    if (ours.kind === 'pending') throw new Error('the keys themselves are never away');
    const signed = signedCommitment(built, ours.value, counterpartySignatures.signature);
    this.#spend(`${party.name}'s commitment ${spec.index}`, signed, this.#funding(party));
    built.htlcs.forEach((output, position) => {
      const preimage = this.#preimages.get(output.htlc.paymentHash);
      const claim = {
        parameters,
        perCommitmentPoint: spec.perCommitmentPoint,
        witnessScript: output.witnessScript,
        value: output.value,
      };
      const unsigned = toRawTransaction(crypto, htlcTransaction(built, output));
      const signature = keys.signHolderHtlc(unsigned, 0, claim);
      const theirs = counterpartySignatures.htlcSignatures[position];
      if (signature.kind === 'pending' || theirs === undefined) throw new Error('an HTLC without its signatures');
      const transaction = signedHtlcTransaction(crypto, built, output, theirs, signature.value, preimage);
      this.#spend(`${party.name}'s HTLC ${output.htlc.id} of commitment ${spec.index}`, transaction, output);
    });
  }

  #spend(what: string, transaction: RawTransaction, spent: TxOut): void {
    this.transactions++;
    const parsed = unwrap(parseTransaction(transaction));
    const failure = checkScripts(parsed, [{ value: spent.value, script: spent.script }], 'standard');
    if (failure !== undefined) throw new Error(`${what}: ${failure.reason}`);
    let paid = 0n;
    for (const { value, script } of parsed.outputs) {
      paid += value;
      if (value < dustLimit({ value, script })) throw new Error(`${what}: an output of ${value} sat is dust`);
    }
    if (paid > spent.value) throw new Error(`${what}: pays ${paid} of ${spent.value} sat`);
  }
}
