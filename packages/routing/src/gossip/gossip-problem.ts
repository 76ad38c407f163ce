const announcement = 'BOLT #7: The `channel_announcement` Message';
const update = 'BOLT #7: The `channel_update` Message';
const node = 'BOLT #7: The `node_announcement` Message';
const queries = 'BOLT #7: Query Messages';
const ids = 'BOLT #7: The `query_short_channel_ids`/`reply_short_channel_ids_end` Messages';
const range = 'BOLT #7: The `query_channel_range` and `reply_channel_range` Messages';
const pruning = 'BOLT #7: Pruning the Network View';

/** `warn` a few times before it disconnects; `disconnect` tells by a warning why. */
export type GossipReaction = 'ignore' | 'warn' | 'disconnect';

const problems = {
  unknown_chain: { spec: announcement, reaction: 'ignore' },
  duplicate: { spec: 'BOLT #7: Rebroadcasting', reaction: 'ignore' },
  overloaded: { spec: 'BOLT #7: Rebroadcasting', reaction: 'ignore' },
  flood: { spec: 'BOLT #7: Rebroadcasting', reaction: 'disconnect' },
  undecodable: { spec: 'BOLT #1: Lightning Message Format', reaction: 'disconnect' },

  node_order: { spec: announcement, reaction: 'disconnect' },
  zero_short_channel_id: { spec: announcement, reaction: 'disconnect' },
  invalid_announcement_signature: { spec: announcement, reaction: 'disconnect' },
  blacklisted_node: { spec: announcement, reaction: 'ignore' },
  conflicting_announcement: { spec: announcement, reaction: 'ignore' },
  few_confirmations: { spec: announcement, reaction: 'ignore' },
  known_worthless: { spec: announcement, reaction: 'ignore' },
  no_funding_output: { spec: announcement, reaction: 'ignore' },
  other_funding_script: { spec: announcement, reaction: 'ignore' },
  refused_by_graph: { spec: announcement, reaction: 'ignore' },

  unknown_channel: { spec: update, reaction: 'ignore' },
  spent_channel: { spec: update, reaction: 'ignore' },
  zero_timestamp: { spec: update, reaction: 'ignore' },
  old_timestamp: { spec: update, reaction: 'ignore' },
  future_timestamp: { spec: update, reaction: 'ignore' },
  stale_timestamp: { spec: pruning, reaction: 'ignore' },
  htlc_maximum_above_capacity: { spec: update, reaction: 'ignore' },
  htlc_minimum_above_maximum: { spec: update, reaction: 'ignore' },
  zero_htlc_maximum: { spec: update, reaction: 'ignore' },
  invalid_update_signature: { spec: update, reaction: 'disconnect' },

  unknown_node: { spec: node, reaction: 'ignore' },
  invalid_node_id: { spec: node, reaction: 'disconnect' },
  invalid_addresses: { spec: node, reaction: 'warn' },
  invalid_node_signature: { spec: node, reaction: 'disconnect' },

  query_under_way: { spec: queries, reaction: 'warn' },
  invalid_short_channel_ids: { spec: ids, reaction: 'disconnect' },
  invalid_query_flags: { spec: ids, reaction: 'disconnect' },
  unexpected_reply: { spec: queries, reaction: 'warn' },
  no_blocks: { spec: range, reaction: 'warn' },
  reply_out_of_order: { spec: range, reaction: 'disconnect' },
  reply_out_of_range: { spec: range, reaction: 'disconnect' },
  too_many_replies: { spec: range, reaction: 'disconnect' },
  invalid_reply: { spec: range, reaction: 'disconnect' },
} as const satisfies Record<string, { readonly spec: string; readonly reaction: GossipReaction }>;

/** Everything that can be wrong with gossip, by name. */
export type GossipProblemKind = keyof typeof problems;

/** What is wrong with a gossip message, and what becomes of who sent it. */
export interface GossipProblem {
  readonly kind: GossipProblemKind;
  /** The BOLT section behind it. */
  readonly spec: string;
  readonly reaction: GossipReaction;
  /** One line, with the values. */
  readonly message: string;
}

export const gossipProblem = (kind: GossipProblemKind, message: string): GossipProblem => ({
  kind,
  ...problems[kind],
  message,
});
