import type { CryptoBackend } from '@boltwright/crypto';
import type {
  BlockLocation,
  BroadcasterInterface,
  ChainWatchInterface,
  FeeEstimator,
  Logger,
  SignerProvider,
  TurnWriter,
} from '@boltwright/interfaces';
import type { FeeWallet } from '../chain/fee-wallet.ts';

/** What a `ManyChannelMonitor` is made of. */
export interface MonitorParts {
  readonly crypto: CryptoBackend;
  /** A `KeysInterface` is one; asked for a channel's signer when there is something to sign. */
  readonly signerProvider: Pick<SignerProvider, 'channelSigner'>;
  readonly feeEstimator: FeeEstimator;
  readonly broadcaster: BroadcasterInterface;
  /** Told of each output to watch; chains that give whole blocks need none. */
  readonly chainWatch?: ChainWatchInterface;
  /**
   * Pays what transactions of anchor channels do not carry. Without it our commitment goes out with its own fee alone, and
   * HTLC transactions of such a channel, which pay none, cannot be made: a node with anchor channels needs it.
   */
  readonly feeWallet?: FeeWallet;
  /** Shared with the manager where that is in this process: one batch a turn for both. */
  readonly turns: TurnWriter;
  readonly logger: Logger;
  /** Where a new one starts on the chain; a restored one stands where its record says. */
  readonly tip: BlockLocation;
  /** After so many updates a monitor is written as a whole and its log starts anew. Default: 64. */
  readonly compactAfter?: number;
}
