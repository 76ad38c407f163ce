/** Every bound of `PeerManager`. A tick is a call of `timerTick`: every 10 seconds is what the defaults expect. */
export interface PeerLimits {
  /** Inbound connections that have not said `init` yet. One more evicts the oldest of them. */
  readonly maxUnauthenticatedInbound: number;
  /** Inbound peers connected at once. One more is refused after its `init`, unless it replaces its own connection. */
  readonly maxInboundPeers: number;
  /** Ticks for handshake and `init` together. */
  readonly handshakeTicks: number;
  /**
   * Ticks without a whole message from the peer, without the pong to our ping, or without a byte taken of what waits for
   * it, before it is given up.
   */
  readonly silentTicks: number;
  /** Pings answered between two ticks. One more ends the connection. */
  readonly maxPingsPerTick: number;
  /** Bytes that they may ask for in all, up to 65531 each: what 40 bytes buy of our memory where they are not read. */
  readonly maxPongBytesPerTick: number;
  /**
   * Bytes waiting for a peer, gossip apart, above which nothing more is read from it. Below half of it, or where nothing
   * moved for a tick, reading goes on.
   */
  readonly pauseReadBytes: number;
  /** Bytes waiting for a peer above which gossip for it is dropped. */
  readonly dropGossipBytes: number;
  /** Bytes waiting for a peer above which the connection ends: it does not read. */
  readonly maxOutboundBytes: number;
  /** Ticks that the last messages of a connection we are ending may take to leave. */
  readonly lingerTicks: number;
}

/** For a node on a server, with a tick every 10 seconds. */
export const defaultPeerLimits: PeerLimits = {
  maxUnauthenticatedInbound: 128,
  maxInboundPeers: 256,
  handshakeTicks: 3,
  silentTicks: 6,
  maxPingsPerTick: 32,
  maxPongBytesPerTick: 8 * 65535,
  pauseReadBytes: 2 * 1024 * 1024,
  dropGossipBytes: 1024 * 1024,
  // Above the pongs of all ticks in which nothing may be taken (7 * 8 * 65535) and a full commitment's worth of updates (966 * ~1500).
  maxOutboundBytes: 8 * 1024 * 1024,
  lingerTicks: 2,
};
