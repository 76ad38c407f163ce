import { type ChannelId, type Err, err } from '@boltwright/base';
import type { ChannelError, ChannelRefusal, Reaction } from './channel-error.ts';

/** What is wrong with an input, before it is known who is at fault. */
export interface Problem {
  readonly code: string;
  readonly section: string;
  readonly field?: string;
  readonly message: string;
}

export const sections = {
  open: 'BOLT 2, The open_channel Message',
  accept: 'BOLT 2, The accept_channel Message',
  fundingCreated: 'BOLT 2, The funding_created Message',
  fundingSigned: 'BOLT 2, The funding_signed Message',
  ready: 'BOLT 2, The channel_ready Message',
  shutdown: 'BOLT 2, Closing Initiation: shutdown',
  closingSigned: 'BOLT 2, Legacy Closing Negotiation: closing_signed',
  add: 'BOLT 2, Adding an HTLC: update_add_htlc',
  remove: 'BOLT 2, Removing an HTLC',
  commitment: 'BOLT 2, Committing Updates So Far: commitment_signed',
  revocation: 'BOLT 2, Completing the Transition to the Updated State: revoke_and_ack',
  fee: 'BOLT 2, Updating Fees: update_fee',
  reestablish: 'BOLT 2, Message Retransmission',
  quiescence: 'BOLT 2, Channel Quiescence',
  channel: 'BOLT 2, Peer Protocol for Channel Management',
} as const;

/** The counterparty broke the BOLT. */
export const violation = (channelId: ChannelId, reaction: Reaction, problem: Problem): Err<ChannelError> =>
  err({ kind: 'channelError', reaction, channelId, ...problem });

/** Our side asked for what cannot be done. */
export const refusal = (channelId: ChannelId, code: string, message: string): Err<ChannelRefusal> =>
  err({ kind: 'refused', code, channelId, message });
