import type { ChannelId, NodeId } from '@boltwright/base';
import type { ChannelState, FundedState } from '@boltwright/channel';
import type { ChannelConfig, ChannelMessage, ChannelSigner } from '@boltwright/interfaces';
import type { Gate } from '../core/gate.ts';
import { Outbox } from '../core/outbox.ts';
import type { WatchOffer } from '../records.ts';

/** What waits within the node until the watch has what came before it. */
export interface HeldWork {
  readonly gates: readonly Gate[];
  readonly run: () => void;
}

/** A channel as the shell holds it. */
export interface LiveChannel {
  state: ChannelState;
  readonly counterparty: NodeId;
  readonly signer: ChannelSigner;
  readonly config: ChannelConfig;
  readonly outbox: Outbox;
  /** Updates that the watch answered `inProgress` and has not completed. */
  readonly outstanding: Set<bigint>;
  /** Forwards and settlements that wait for them. */
  held: HeldWork[];
  /** Upstream updates that keep preimages which updates of this channel may forget (rule 6). */
  dependencies: Gate[];
  /** The watch has its initial monitor: from then on its record is kept. */
  watched: boolean;
  /** After a restart: what the watch had not completed, in order, until it has said what it has. */
  unacknowledged: readonly WatchOffer[];
  /** Why nothing is done with it any more. */
  frozen: string | undefined;
  /** The watch knows more of it than we: what we would do about its HTLCs may have been done, and otherwise. */
  lostData: boolean;
  /** After a restart, until the watch has said what it has. */
  suspended: boolean;
  /** What the peer said meanwhile on the present connection. */
  unheard: readonly ChannelMessage[];
  /** The temporary id, until the channel has its own; both name it in events. */
  readonly temporaryChannelId: ChannelId;
}

export function liveChannel(
  state: ChannelState,
  counterparty: NodeId,
  signer: ChannelSigner,
  config: ChannelConfig,
  watched: boolean,
): LiveChannel {
  return {
    state,
    counterparty,
    signer,
    config,
    watched,
    outbox: new Outbox(),
    outstanding: new Set(),
    held: [],
    unacknowledged: [],
    dependencies: [],
    frozen: undefined,
    lostData: false,
    suspended: false,
    unheard: [],
    temporaryChannelId: state.channelId,
  };
}

/** The state where the funding outpoint is known. */
export const fundedState = (state: ChannelState): FundedState | undefined =>
  'commitments' in state ? state : undefined;
