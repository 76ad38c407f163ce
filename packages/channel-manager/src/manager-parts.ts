import type { ChainHash } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type {
  BlockLocation,
  BroadcasterInterface,
  ChainWatchInterface,
  ChannelWatch,
  FeeEstimator,
  KeysInterface,
  Logger,
  Router,
  Scorer,
  TurnWriter,
  UserConfig,
} from '@boltwright/interfaces';
import type { InvoiceNetwork } from '@boltwright/invoice';

/** What a `ChannelManager` is made of. */
export interface ChannelManagerParts {
  readonly crypto: CryptoBackend;
  readonly keys: KeysInterface;
  readonly feeEstimator: FeeEstimator;
  readonly broadcaster: BroadcasterInterface;
  /** Told of each funding transaction to watch for; whole-block chains need none. */
  readonly chainWatch?: ChainWatchInterface;
  readonly watch: ChannelWatch;
  readonly router: Router;
  /** Told what became of our payments' parts, and that time passes: the one that the router prices channels by. */
  readonly scorer?: Scorer;
  /** Shared with the watch where that is in this process: one batch a turn for both. */
  readonly turns: TurnWriter;
  readonly logger: Logger;
  readonly config: UserConfig;
  readonly chainHash: ChainHash;
  /** Of the invoices made and paid. */
  readonly network: InvoiceNetwork;
  /** Where a new manager starts on the chain; a restored one stands where its record says. */
  readonly tip: BlockLocation;
  /** True: forwards wait for `processPendingHtlcForwards`. Default: they go out at the end of the call that brought them. */
  readonly batchForwards?: boolean;
}
