import type { ChannelMessage, OnionMessageMessage, RoutingMessage } from '@boltwright/interfaces';
import { boltMessages } from '@boltwright/wire';

/** Who takes a message. `control` is PeerManager itself. */
export type MessageRoute = 'control' | 'channel' | 'routing' | 'onion';

// Records rather than lists, so that the compiler finds a message that is missing here or there.
const control: Record<'init' | 'ping' | 'pong', true> = { init: true, ping: true, pong: true };
const channel: Record<ChannelMessage['type'], true> = {
  open_channel: true,
  accept_channel: true,
  funding_created: true,
  funding_signed: true,
  channel_ready: true,
  shutdown: true,
  closing_signed: true,
  closing_complete: true,
  closing_sig: true,
  update_add_htlc: true,
  update_fulfill_htlc: true,
  update_fail_htlc: true,
  update_fail_malformed_htlc: true,
  commitment_signed: true,
  revoke_and_ack: true,
  update_fee: true,
  channel_reestablish: true,
  announcement_signatures: true,
  stfu: true,
  error: true,
  warning: true,
};
const routing: Record<RoutingMessage['type'], true> = {
  channel_announcement: true,
  node_announcement: true,
  channel_update: true,
  query_short_channel_ids: true,
  reply_short_channel_ids_end: true,
  query_channel_range: true,
  reply_channel_range: true,
  gossip_timestamp_filter: true,
};
const onion: Record<OnionMessageMessage['type'], true> = { onion_message: true };

const routes = { control, channel, routing, onion } satisfies Record<MessageRoute, Record<string, true>>;

/**
 * The route of each message that some seam takes, by its number. What `wire` can decode beyond these (dual funding,
 * splicing, peer storage) no seam takes yet: such a message is treated as one of an unknown type.
 */
export const messageRoutes: ReadonlyMap<number, MessageRoute> = new Map(
  Object.entries(routes).flatMap(([route, names]) =>
    Object.keys(names).map((name) => [boltMessages.byName.get(name)!.number, route as MessageRoute] as const),
  ),
);
