import { sighashAll } from '../chain/sighash.ts';
import { p2wpkh } from '../scripts/templates.ts';
import type { CommitmentRules } from './commitment-rules.ts';

/** `option_static_remotekey` (BOLT 3, "no option_anchors"): HTLC transactions carry their fee, `to_remote` is P2WPKH. */
export const staticRemotekey: CommitmentRules = {
  format: 'static_remotekey',
  commitmentWeight: 724,
  htlcOutputWeight: 172,
  htlcTimeoutWeight: 663,
  htlcSuccessWeight: 703,
  htlcTransactionsPayFees: true,
  anchorSatoshis: undefined,
  htlcSequence: 0,
  // Any will do; this one lets the fee be replaced and the lock time count.
  toRemoteSequence: 0xfffffffd,
  htlcSighashType: sighashAll,
  toRemote: (crypto, paymentPubkey) => ({ script: p2wpkh(crypto, paymentPubkey), witnessScript: undefined }),
};
