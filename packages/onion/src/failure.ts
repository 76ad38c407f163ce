import type { BlockHeight, Msat } from '@boltwright/base';
import type { TlvRecord } from '@boltwright/wire';

/** BOLT #4, Failure Messages: the flags in the top byte of a failure code. */
export const failureFlag = {
  /** The onion could not be read by the peer of whoever reports it. */
  badOnion: 0x8000,
  /** Permanent; transient without it. */
  perm: 0x4000,
  /** About the node; about the channel without it. */
  node: 0x2000,
  /** A forwarding parameter of the channel was violated. */
  update: 0x1000,
} as const;

interface FailureOf<Kind extends string> {
  readonly kind: Kind;
  /** The TLV stream that may follow the data; left out when there is none, or none that is valid. */
  readonly tlvs?: readonly TlvRecord[];
}

interface WithOnionHash {
  /** SHA-256 of the onion that was received, 32 bytes. */
  readonly sha256OfOnion: Uint8Array;
}

interface WithChannelUpdate {
  /**
   * The erring node's `channel_update` from its signature on, without the message type 258 (which some nodes put in
   * front: it is taken off here). Left out when the node sent none, as BOLT 4 now recommends.
   */
  readonly channelUpdate?: Uint8Array;
}

/** Failures with the BADONION flag: they carry the hash of the onion and travel by `update_fail_malformed_htlc`. */
export type BadOnionFailure =
  | (FailureOf<'invalid_onion_version'> & WithOnionHash)
  | (FailureOf<'invalid_onion_hmac'> & WithOnionHash)
  | (FailureOf<'invalid_onion_key'> & WithOnionHash)
  | (FailureOf<'invalid_onion_blinding'> & WithOnionHash);

/** A payload that the hop could not take, with the record to blame. */
export interface InvalidOnionPayloadFailure extends FailureOf<'invalid_onion_payload'> {
  /** The TLV type that is wrong; 0 when none can be named. */
  readonly tlvType: bigint;
  /** Where it stands in the decrypted stream, the payload's length prefix included; a u16. */
  readonly offset: number;
}

/** A code that BOLT 4 does not list, or a listed one whose data is malformed. The flags can still be acted on. */
export interface UnknownFailure extends FailureOf<'unknown_failure'> {
  /** The 16 bits with the flags. */
  readonly code: number;
  /** All that follows the code. */
  readonly data: Uint8Array;
}

/** BOLT #4, Failure Messages: every failure with its data; `kind` is the BOLT's name. */
export type Failure =
  | BadOnionFailure
  | InvalidOnionPayloadFailure
  | FailureOf<'temporary_node_failure'>
  | FailureOf<'permanent_node_failure'>
  | FailureOf<'required_node_feature_missing'>
  | (FailureOf<'temporary_channel_failure'> & WithChannelUpdate)
  | FailureOf<'permanent_channel_failure'>
  | FailureOf<'required_channel_feature_missing'>
  | FailureOf<'unknown_next_peer'>
  | (FailureOf<'amount_below_minimum'> & WithChannelUpdate & { readonly htlcMsat: Msat })
  | (FailureOf<'fee_insufficient'> & WithChannelUpdate & { readonly htlcMsat: Msat })
  | (FailureOf<'incorrect_cltv_expiry'> & WithChannelUpdate & { readonly cltvExpiry: BlockHeight })
  | (FailureOf<'expiry_too_soon'> & WithChannelUpdate)
  | (FailureOf<'incorrect_or_unknown_payment_details'> & { readonly htlcMsat: Msat; readonly height: BlockHeight })
  | (FailureOf<'final_incorrect_cltv_expiry'> & { readonly cltvExpiry: BlockHeight })
  | (FailureOf<'final_incorrect_htlc_amount'> & { readonly incomingHtlcAmt: Msat })
  | (FailureOf<'channel_disabled'> & WithChannelUpdate & { readonly disabledFlags: number })
  | FailureOf<'expiry_too_far'>
  | FailureOf<'mpp_timeout'>
  | UnknownFailure;

/** The BOLT's names of the failures, to switch on. */
export type FailureKind = Failure['kind'];

const { badOnion, perm, node, update } = failureFlag;

/** The code of each failure, flags included. */
export const failureCodes = {
  temporary_node_failure: node | 2,
  permanent_node_failure: perm | node | 2,
  required_node_feature_missing: perm | node | 3,
  invalid_onion_version: badOnion | perm | 4,
  invalid_onion_hmac: badOnion | perm | 5,
  invalid_onion_key: badOnion | perm | 6,
  temporary_channel_failure: update | 7,
  permanent_channel_failure: perm | 8,
  required_channel_feature_missing: perm | 9,
  unknown_next_peer: perm | 10,
  amount_below_minimum: update | 11,
  fee_insufficient: update | 12,
  incorrect_cltv_expiry: update | 13,
  expiry_too_soon: update | 14,
  incorrect_or_unknown_payment_details: perm | 15,
  final_incorrect_cltv_expiry: 18,
  final_incorrect_htlc_amount: 19,
  channel_disabled: update | 20,
  expiry_too_far: 21,
  invalid_onion_payload: perm | 22,
  mpp_timeout: 23,
  invalid_onion_blinding: badOnion | perm | 24,
} as const satisfies Record<Exclude<FailureKind, 'unknown_failure'>, number>;

/** The failure's 16-bit code, flags included. */
export const failureCodeOf = (failure: Failure): number =>
  failure.kind === 'unknown_failure' ? failure.code : failureCodes[failure.kind];

/** The flags of a failure code, see {@link failureFlag}. */
export interface FailureFlags {
  readonly badOnion: boolean;
  readonly perm: boolean;
  readonly node: boolean;
  readonly update: boolean;
}

/** The four flags of the failure's code (BOLT #4, Failure Messages). */
export function failureFlagsOf(failure: Failure): FailureFlags {
  const code = failureCodeOf(failure);
  return {
    badOnion: (code & badOnion) !== 0,
    perm: (code & perm) !== 0,
    node: (code & node) !== 0,
    update: (code & update) !== 0,
  };
}
