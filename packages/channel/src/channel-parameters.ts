import type { BlockHeight, ChannelId, FeeratePerKw, Msat, NodeId, Sat, Script, ShortChannelId } from '@boltwright/base';
import type { ChannelKeysId, ChannelPublicKeys, CommitmentFormat } from '@boltwright/interfaces';

/** What one side said of itself, and asks of the other, in `open_channel` or `accept_channel`. */
export interface SideParameters {
  readonly pubkeys: ChannelPublicKeys;
  /** Outputs below it do not appear in this side's own commitment. */
  readonly dustLimitSatoshis: Sat;
  /** Most that may be in flight towards this side. */
  readonly maxHtlcValueInFlightMsat: Msat;
  /** What the *other* side must keep. */
  readonly channelReserveSatoshis: Sat;
  /** Smallest HTLC that this side takes. */
  readonly htlcMinimumMsat: Msat;
  /** The delay, in blocks, that this side asks for on the *other* side's outputs to itself. */
  readonly toSelfDelay: number;
  /** Most HTLCs that this side takes. */
  readonly maxAcceptedHtlcs: number;
  /** Where a mutual close must pay this side, if it said so at the opening. */
  readonly upfrontShutdownScript?: Script;
}

/** What a channel's type says (BOLT 2, Defined Channel Types). */
export interface ChannelType {
  readonly commitmentFormat: CommitmentFormat;
  readonly scidAlias: boolean;
}

/** What is fixed about a channel before the counterparty has answered. */
export interface ProposedParameters {
  readonly temporaryChannelId: ChannelId;
  readonly channelKeysId: ChannelKeysId;
  readonly counterparty: NodeId;
  /** We sent `open_channel`. */
  readonly isOpener: boolean;
  readonly fundingSatoshis: Sat;
  readonly pushMsat: Msat;
  /** Of the first commitments. */
  readonly feeratePerKw: FeeratePerKw;
  readonly announce: boolean;
  readonly channelType: ChannelType;
  readonly local: SideParameters;
  /** `option_shutdown_anysegwit` was negotiated on the latest connection. */
  readonly anySegwitShutdown: boolean;
  /** The name that we give the channel in `channel_ready`. */
  readonly localAlias: ShortChannelId;
  /** Where a mutual close pays us. */
  readonly shutdownScript: Script;
  /** Where coins claimed on chain go. */
  readonly destinationScript: Script;
  readonly birthHeight: BlockHeight;
  /** Confirmations before `channel_ready`. */
  readonly minimumDepth: number;
}

/** What is fixed about a channel once both sides have spoken. */
export interface ChannelParameters extends ProposedParameters {
  readonly remote: SideParameters;
}
