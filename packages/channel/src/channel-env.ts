import type { BlockHeight, ChainHash, FeeratePerKw } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelConfig, ChannelSigner, ConfirmationTarget, UserConfig } from '@boltwright/interfaces';

/** Values and deterministic, synchronous functions that a transition may read. */
export interface ChannelEnv {
  readonly crypto: CryptoBackend;
  readonly signer: ChannelSigner;
  readonly chainHash: ChainHash;
  /** The best block's. */
  readonly height: BlockHeight;
  readonly feerate: (target: ConfirmationTarget) => FeeratePerKw;
  readonly config: UserConfig;
  readonly channelConfig: ChannelConfig;
}
