import { sat } from '@boltwright/base';
import { sighashSingleAnyoneCanPay } from '../chain/sighash.ts';
import { p2wsh } from '../scripts/templates.ts';
import { toRemoteAnchorsWitnessScript } from '../scripts/to-remote.ts';
import type { CommitmentRules } from './commitment-rules.ts';

/** `option_anchors`: two anchors to bump the fee by, HTLC transactions without fee, all else delayed by a block. */
export const anchors: CommitmentRules = {
  format: 'anchors',
  commitmentWeight: 1124,
  htlcOutputWeight: 172,
  htlcTimeoutWeight: 666,
  htlcSuccessWeight: 706,
  htlcTransactionsPayFees: false,
  anchorSatoshis: sat(330n),
  htlcSequence: 1,
  toRemoteSequence: 1,
  htlcSighashType: sighashSingleAnyoneCanPay,
  toRemote: (crypto, paymentPubkey) => {
    const witnessScript = toRemoteAnchorsWitnessScript(paymentPubkey);
    return { script: p2wsh(crypto, witnessScript), witnessScript };
  },
};
