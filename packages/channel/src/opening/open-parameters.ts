import type { BlockHeight, ChannelId, FeeratePerKw, Msat, NodeId, Sat, Script, ShortChannelId } from '@boltwright/base';
import type { ChannelKeysId } from '@boltwright/interfaces';

/** What both ways of opening need from the shell. */
export interface AcceptParameters {
  /** `ChannelEnv.signer` is the signer of this id. */
  readonly channelKeysId: ChannelKeysId;
  readonly counterparty: NodeId;
  /** Feature vectors of both `init` messages, as on the wire. */
  readonly localFeatures: Uint8Array;
  readonly remoteFeatures: Uint8Array;
  /** Our name for the channel, unique among ours. */
  readonly scidAlias: ShortChannelId;
  /** Where a mutual close pays us. */
  readonly shutdownScript: Script;
  /** Where coins claimed on chain go. */
  readonly destinationScript: Script;
  /** The tip's height. */
  readonly birthHeight: BlockHeight;
}

/** What a user who opens a channel decides. Limits and announcing come from `ChannelEnv.config`. */
export interface OpenParameters extends AcceptParameters {
  /** 64 random hex digits. */
  readonly temporaryChannelId: ChannelId;
  readonly fundingSatoshis: Sat;
  readonly pushMsat: Msat;
  /** Of the first commitments; the estimator's where left out. */
  readonly feeratePerKw?: FeeratePerKw;
  /** Whether the channel is to be announced; `config.handshake.announceChannel` where left out. */
  readonly announce?: boolean;
}
