import { blockHeight, feeratePerKw, msat, paymentHashOf, sat, toHex, txid, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type {
  ChannelKeysId,
  ChannelSigner,
  ChannelTransactionParameters,
  CommitmentFormat,
  CommitmentSpec,
} from '@boltwright/interfaces';
import { KeysManager } from '../src/index.ts';

export const formats: readonly CommitmentFormat[] = ['static_remotekey', 'anchors'];
export const bytes = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);

/** Entropy that counts up, so that tests repeat. */
export const manager = (seed: number, network?: 'bitcoin' | 'testnet'): KeysManager => {
  let calls = 0;
  const entropy = (length: number): Uint8Array => bytes(++calls, length);
  return new KeysManager({ seed: bytes(seed), crypto: noble, entropy, ...(network === undefined ? {} : { network }) });
};

export const keysId = (byte: number): ChannelKeysId => toHex(bytes(byte)) as ChannelKeysId;

/** A channel between two signers, as the first holds it. */
export const channelOf = (
  commitmentFormat: CommitmentFormat,
  holder: ChannelSigner,
  counterparty: ChannelSigner,
  holderIsOpener: boolean,
): ChannelTransactionParameters => ({
  commitmentFormat,
  holderIsOpener,
  holder: { pubkeys: holder.pubkeys, dustLimitSatoshis: sat(354n), toSelfDelay: 144 },
  counterparty: { pubkeys: counterparty.pubkeys, dustLimitSatoshis: sat(354n), toSelfDelay: 720 },
  fundingOutpoint: { txid: txid('ab'.repeat(32)), vout: 0 },
  fundingSatoshis: sat(1_000_000n),
});

export const mirrored = (parameters: ChannelTransactionParameters): ChannelTransactionParameters => ({
  ...parameters,
  holderIsOpener: !parameters.holderIsOpener,
  holder: parameters.counterparty,
  counterparty: parameters.holder,
});

/** The preimage of every test HTLC. */
export const preimage = bytes(7);

/** A commitment of the signer's with an HTLC each way, or none. */
export function specOf(broadcaster: ChannelSigner, index: bigint, htlcs: boolean, shift = 0n): CommitmentSpec {
  const point = broadcaster.perCommitmentPoint(index);
  if (point.kind === 'pending') throw new Error('the signers of these tests answer at once');
  const htlc = { cltvExpiry: blockHeight(800_000), paymentHash: paymentHashOf(noble.sha256(preimage)) };
  return {
    index,
    perCommitmentPoint: point.value,
    feeratePerKw: feeratePerKw(1000),
    toBroadcasterMsat: msat(500_000_000n - shift),
    toCountersignerMsat: msat((htlcs ? 400_000_000n : 500_000_000n) + shift),
    htlcs: htlcs
      ? [
          { ...htlc, direction: 'offered', id: 0n, amountMsat: msat(40_000_000n) },
          { ...htlc, direction: 'received', id: 0n, amountMsat: msat(60_000_000n) },
        ]
      : [],
  };
}

/** The value of an answer that came at once. */
export const value = <T>(answer: { readonly kind: 'ready'; readonly value: T } | { readonly kind: 'pending' }): T => {
  if (answer.kind === 'pending') throw new Error('pending');
  return unwrap({ ok: true, value: answer.value });
};
