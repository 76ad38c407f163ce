import type { BlockHeight, ShortChannelId } from '@boltwright/base';
import type { ChannelMessage } from '@boltwright/interfaces';
import type { ChannelCommand } from './channel-command.ts';
import type { ChannelError } from './channel-error.ts';

/** What can happen to a channel. */
export type ChannelInput =
  | { readonly kind: 'message'; readonly message: ChannelMessage }
  | { readonly kind: 'command'; readonly command: ChannelCommand }
  /** After `init`: features as on the wire. Answers with `channel_reestablish` where one is due. */
  | { readonly kind: 'connected'; readonly localFeatures: Uint8Array; readonly remoteFeatures: Uint8Array }
  | { readonly kind: 'disconnected' }
  /** The funding transaction is in the best chain. Told once, and again after a reorg. */
  | { readonly kind: 'fundingConfirmed'; readonly height: BlockHeight; readonly shortChannelId: ShortChannelId }
  /** A reorg took it out. */
  | { readonly kind: 'fundingUnconfirmed' }
  /** The funding output is spent by a confirmed transaction. */
  | { readonly kind: 'fundingSpent'; readonly spend: 'cooperative' | 'holder' | 'counterparty' | 'revoked' | 'unknown' }
  /** The best block's height changed. */
  | { readonly kind: 'block'; readonly height: BlockHeight }
  /** The signer can answer what it left pending. */
  | { readonly kind: 'signerUnblocked' }
  | { readonly kind: 'timerTick' }
  /** The monitor's decision: the channel is over, our commitment goes to the chain. */
  | { readonly kind: 'closing'; readonly reason: string }
  /** An error whose reaction is `failChannel` comes back as this. */
  | { readonly kind: 'fail'; readonly error: ChannelError };
