import type { CommitmentFormat } from '@boltwright/interfaces';
import { commitmentRules } from './format/rules-of.ts';

// Weights of inputs that spend our outputs, for fees before there are signatures. A signature counts 73 bytes with its
// sighash byte, the most there is, as in BOLT 3 and BOLT 5; each item of a witness has a length byte before it, and the
// count of items is one byte more.

/** An input outside of its witness: outpoint 36, empty script 1, sequence 4; four weight units each. */
export const inputWeight = 4 * 41;
/** Version, lock time, two counts (10 bytes), and the two bytes that mark witnesses. */
export const transactionOverheadWeight = 4 * 10 + 2;
/** An output with a script of that many bytes. */
export const outputWeight = (scriptLength: number): number => 4 * (9 + scriptLength);

const witnessWeight = (...items: readonly number[]): number => items.reduce((sum, item) => sum + 1 + item, 1);

const signature = 73;
const pubkey = 33;
const preimage = 32;
// 63 21<33> 67 03<3> b2 75 21<33> 68 ac: BOLT 5 takes the delay as pushed in three bytes, the most a u16 needs.
const delayedScript = 1 + 34 + 1 + 4 + 2 + 34 + 2;
const fundingScript = 71;
const toRemoteScript = 34 + 3;
const anchorScript = 34 + 6;
const offeredScript = 133;
// With a `cltv_expiry` of four bytes' push, as until the year 2286; BOLT 5 says 139 and forgets one.
const receivedScript = 140;

/** Witness bytes by what is spent; BOLT 5's Appendix A has the three penalties of static_remotekey. */
export interface WitnessWeights {
  readonly funding: number;
  readonly toLocalDelayed: number;
  readonly toLocalRevoked: number;
  readonly toRemote: number;
  /** The HTLC that the broadcaster offered, revoked. */
  readonly offeredHtlcRevoked: number;
  readonly receivedHtlcRevoked: number;
  /** The HTLC that the broadcaster offered, claimed by the preimage. */
  readonly offeredHtlcPreimage: number;
  /** The HTLC that the broadcaster received, taken back after `cltv_expiry`. */
  readonly receivedHtlcTimeout: number;
  /** The broadcaster's HTLC-timeout transaction's input. */
  readonly htlcTimeout: number;
  readonly htlcSuccess: number;
  readonly anchor: number;
}

/** The witnesses' weights of a format. For an input's whole weight add {@link inputWeight}. */
export function witnessWeights(format: CommitmentFormat): WitnessWeights {
  const { htlcSequence, anchorSatoshis } = commitmentRules(format);
  const csv = htlcSequence === 0 ? 0 : 3;
  const offered = offeredScript + csv;
  const received = receivedScript + csv;
  return {
    funding: witnessWeight(0, signature, signature, fundingScript),
    toLocalDelayed: witnessWeight(signature, 0, delayedScript),
    toLocalRevoked: witnessWeight(signature, 1, delayedScript),
    toRemote: anchorSatoshis === undefined ? p2wpkhWitnessWeight : witnessWeight(signature, toRemoteScript),
    offeredHtlcRevoked: witnessWeight(signature, pubkey, offered),
    receivedHtlcRevoked: witnessWeight(signature, pubkey, received),
    offeredHtlcPreimage: witnessWeight(signature, preimage, offered),
    receivedHtlcTimeout: witnessWeight(signature, 0, received),
    htlcTimeout: witnessWeight(0, signature, signature, 0, offered),
    htlcSuccess: witnessWeight(0, signature, signature, preimage, received),
    anchor: witnessWeight(signature, anchorScript),
  };
}

/** A P2WPKH witness: `to_remote` without anchors, and a wallet's coins. */
export const p2wpkhWitnessWeight: number = witnessWeight(signature, pubkey);
