import type { ChannelId } from '@boltwright/base';

/** What a violation by the counterparty leads to. */
export type Reaction = 'ignore' | 'warn' | 'disconnect' | 'failChannel';

/** A message that breaks the BOLT, as data. */
export interface ChannelError {
  readonly kind: 'channelError';
  readonly code: string;
  readonly reaction: Reaction;
  readonly channelId: ChannelId;
  /** E.g. `BOLT 2, Adding an HTLC`. */
  readonly section: string;
  /** The message's field, where one is at fault. */
  readonly field?: string;
  /** In words, with the values: what was wrong. */
  readonly message: string;
}

/** A command that cannot be done, and changed nothing. */
export interface ChannelRefusal {
  readonly kind: 'refused';
  readonly code: string;
  readonly channelId: ChannelId;
  readonly message: string;
}
