import { feeratePerKw, msat, sat, txid, unwrap } from '@boltwright/base';
import { noble as crypto } from '@boltwright/crypto';
import type { ChannelSide, ChannelTransactionParameters, CommitmentSpec } from '@boltwright/interfaces';
import {
  buildCommitment,
  commitmentSighash,
  derivePrivateKey,
  signCommitment,
  signedCommitment,
  verifyHolderCommitment,
} from '@boltwright/transactions';

// Every secret of a side the same 32 bytes: for an example's sake alone.
const aliceSecret = new Uint8Array(32).fill(1);
const bobSecret = new Uint8Array(32).fill(2);

function side(secret: Uint8Array): ChannelSide {
  const point = crypto.publicKey(secret);
  const pubkeys = {
    fundingPubkey: point,
    revocationBasepoint: point,
    paymentBasepoint: point,
    delayedPaymentBasepoint: point,
    htlcBasepoint: point,
  };
  return { pubkeys, dustLimitSatoshis: sat(354n), toSelfDelay: 144 };
}

export const parameters: ChannelTransactionParameters = {
  commitmentFormat: 'anchors',
  holderIsOpener: true,
  holder: side(aliceSecret),
  counterparty: side(bobSecret),
  fundingOutpoint: { txid: txid('ab'.repeat(32)), vout: 0 },
  fundingSatoshis: sat(1_000_000n),
};

const spec: CommitmentSpec = {
  index: 0n,
  perCommitmentPoint: crypto.publicKey(new Uint8Array(32).fill(3)),
  feeratePerKw: feeratePerKw(253),
  toBroadcasterMsat: msat(700_000_000n),
  toCountersignerMsat: msat(300_000_000n),
  htlcs: [],
};

/** Alice's first commitment: worked out once, signed by bob, checked and signed by alice, ready for the chain. */
export function firstCommitment() {
  const commitment = buildCommitment(crypto, parameters, 'holder', spec);
  const htlcSecret = derivePrivateKey(crypto, spec.perCommitmentPoint, crypto.publicKey(bobSecret), bobSecret);
  const bobs = signCommitment(crypto, commitment, bobSecret, htlcSecret);
  unwrap(verifyHolderCommitment(crypto, commitment, bobs));
  const alices = crypto.sign(commitmentSighash(crypto, commitment), aliceSecret);
  const transaction = signedCommitment(commitment, alices, bobs.signature);
  return { fee: commitment.fee, kinds: commitment.outputs.map((output) => output.kind), transaction };
}
