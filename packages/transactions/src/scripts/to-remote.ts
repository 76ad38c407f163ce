import type { Script } from '@boltwright/base';
import { OPS } from 'bitcoinjs-lib/src/ops';
import { push, scriptOf } from './templates.ts';

/** `to_remote` with `option_anchors` (BOLT 3): the countersigner's payment basepoint, one block after confirmation. */
export const toRemoteAnchorsWitnessScript = (paymentPubkey: Uint8Array): Script =>
  scriptOf(push(paymentPubkey), OPS.OP_CHECKSIGVERIFY, OPS.OP_1, OPS.OP_CHECKSEQUENCEVERIFY);

/** An anchor: for its owner's funding key, after 16 blocks for anyone (BOLT 3). 40 bytes. */
export const anchorWitnessScript = (fundingPubkey: Uint8Array): Script =>
  scriptOf(
    push(fundingPubkey),
    OPS.OP_CHECKSIG,
    OPS.OP_IFDUP,
    OPS.OP_NOTIF,
    OPS.OP_16,
    OPS.OP_CHECKSEQUENCEVERIFY,
    OPS.OP_ENDIF,
  );
