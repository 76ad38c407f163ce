import { ChannelHandshakeConfig, UserConfig } from 'lightningdevkit';

export interface LdkOptions {
  /** Offer and accept anchors; plain static_remotekey otherwise. */
  readonly anchors: boolean;
  readonly announce: boolean;
}

/** LDK's configuration for the stories: one confirmation, private channels forwarded over. */
export function ldkConfig(options: LdkOptions): UserConfig {
  const config = UserConfig.constructor_default();
  const handshake = ChannelHandshakeConfig.constructor_default();
  handshake.set_minimum_depth(1);
  handshake.set_negotiate_anchors_zero_fee_htlc_tx(options.anchors);
  handshake.set_announce_for_forwarding(options.announce);
  handshake.set_max_inbound_htlc_value_in_flight_percent_of_channel(100);
  config.set_channel_handshake_config(handshake);
  const limits = config.get_channel_handshake_limits();
  limits.set_force_announced_channel_preference(false);
  config.set_channel_handshake_limits(limits);
  config.set_accept_forwards_to_priv_channels(true);
  // LDK takes anchor channels only where each is accepted by hand
  config.set_manually_accept_inbound_channels(true);
  return config;
}
