import type { Txid } from '@boltwright/base';

/** Why a transaction was not taken. The names follow what Bitcoin Core refuses for, not its wording. */
export type RefusalKind =
  // what it is
  | 'malformed'
  | 'coinbase'
  | 'version'
  | 'weight'
  | 'tooSmall'
  | 'scriptSig'
  | 'nonStandardOutput'
  | 'opReturn'
  | 'dust'
  | 'valueOutOfRange'
  | 'duplicateInput'
  // what it spends
  | 'alreadyConfirmed'
  | 'missingInput'
  | 'immatureCoinbase'
  | 'negativeFee'
  | 'nonStandardInput'
  | 'nonStandardWitness'
  | 'script'
  // when
  | 'notFinal'
  | 'sequenceLock'
  // what it pays, and what it would push out
  | 'minRelayFee'
  | 'mempoolMinFee'
  | 'tooLongChain'
  | 'spendsConflict'
  | 'replacementFee'
  | 'replacementNewUnconfirmed'
  | 'replacementTooMany'
  // packages
  | 'package'
  // blocks
  | 'blockWeight';

/** Why a transaction, a package or a block was refused: `kind` is for programs, `message` for people. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly txid: Txid;
  /** The input it is about. */
  readonly input?: number;
  /** The output it is about. */
  readonly output?: number;
  /** For people: what was found and what would have been right. */
  readonly message: string;
}
