import type { BlockHeight, Script } from '@boltwright/base';
import { OPS } from 'bitcoinjs-lib/src/ops';
import { push, scriptOf } from './templates.ts';
import { pushNumber } from './to-local.ts';

/** What an HTLC output's script names, beside the payment. */
export interface HtlcScriptKeys {
  /** 20 bytes: RIPEMD160(SHA256(revocationpubkey)), the same for all HTLCs of a commitment. */
  readonly revocationPubkeyHash: Uint8Array;
  readonly broadcasterHtlcPubkey: Uint8Array;
  readonly countersignerHtlcPubkey: Uint8Array;
}

const csvOneBlock = scriptOf(OPS.OP_1, OPS.OP_CHECKSEQUENCEVERIFY, OPS.OP_DROP);
const nothing = new Uint8Array(0);

/** The part that offered and received HTLCs share, up to the check whether 32 bytes were pushed. */
const revocationOr = (keys: HtlcScriptKeys): Script =>
  scriptOf(
    OPS.OP_DUP,
    OPS.OP_HASH160,
    push(keys.revocationPubkeyHash),
    OPS.OP_EQUAL,
    OPS.OP_IF,
    OPS.OP_CHECKSIG,
    OPS.OP_ELSE,
    push(keys.countersignerHtlcPubkey),
    OPS.OP_SWAP,
    OPS.OP_SIZE,
    push(Uint8Array.of(32)),
    OPS.OP_EQUAL,
  );

/** The parts of a commitment's HTLC scripts that do not depend on the HTLC: made once, then one join per HTLC. */
export interface HtlcScripts {
  /** Offered HTLC Outputs (BOLT 3). @param paymentHash160 - 20 bytes, RIPEMD160(payment_hash). */
  offered(paymentHash160: Uint8Array): Script;
  /** Received HTLC Outputs (BOLT 3). */
  received(paymentHash160: Uint8Array, cltvExpiry: BlockHeight): Script;
}

/** @param csv - `option_anchors`: one block's delay on all but the revocation path. */
export function htlcScripts(keys: HtlcScriptKeys, csv: boolean): HtlcScripts {
  const start = revocationOr(keys);
  const end = scriptOf(OPS.OP_ENDIF, csv ? csvOneBlock : nothing, OPS.OP_ENDIF);
  const offeredStart = scriptOf(
    start,
    OPS.OP_NOTIF,
    OPS.OP_DROP,
    OPS.OP_2,
    OPS.OP_SWAP,
    push(keys.broadcasterHtlcPubkey),
    OPS.OP_2,
    OPS.OP_CHECKMULTISIG,
    OPS.OP_ELSE,
    OPS.OP_HASH160,
    Uint8Array.of(20),
  );
  const offeredEnd = scriptOf(OPS.OP_EQUALVERIFY, OPS.OP_CHECKSIG, end);
  const receivedStart = scriptOf(start, OPS.OP_IF, OPS.OP_HASH160, Uint8Array.of(20));
  const receivedMiddle = scriptOf(
    OPS.OP_EQUALVERIFY,
    OPS.OP_2,
    OPS.OP_SWAP,
    push(keys.broadcasterHtlcPubkey),
    OPS.OP_2,
    OPS.OP_CHECKMULTISIG,
    OPS.OP_ELSE,
    OPS.OP_DROP,
  );
  const receivedEnd = scriptOf(OPS.OP_CHECKLOCKTIMEVERIFY, OPS.OP_DROP, OPS.OP_CHECKSIG, end);
  return {
    offered: (paymentHash160) => scriptOf(offeredStart, paymentHash160, offeredEnd),
    received: (paymentHash160, cltvExpiry) =>
      scriptOf(receivedStart, paymentHash160, receivedMiddle, pushNumber(cltvExpiry), receivedEnd),
  };
}
