import type { ChainHash, NodeId } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ConnectionId, EntropySource, Logger, NodeSigner } from '@boltwright/interfaces';
import type { Init, MessageRegistry, WireMessage } from '@boltwright/wire';
import type { MessageHandlers } from './peer-handlers.ts';
import type { PeerLimits } from './peer-limits.ts';

/** What a `PeerManager` is made of: handlers of messages, keys, and its bounds. */
export interface PeerManagerParts extends MessageHandlers {
  readonly crypto: CryptoBackend;
  /** The node's identity and the entropy of ephemeral keys. */
  readonly keys: Pick<NodeSigner, 'nodeId' | 'ecdh'> & EntropySource;
  /** Told in `init`'s `networks`; a peer with none of them is left. Empty: nothing is told, any peer will do. */
  readonly chains: readonly ChainHash[];
  readonly logger: Logger;
  /**
   * The user's own messages (`messageRegistry([myMessage])`; the BOLTs' may be among them): handed to the
   * `customMessages` decoded, and encoded for them. Without it they get, and send, `UnknownMessage`s.
   */
  readonly messages?: MessageRegistry<WireMessage>;
  /** Those left out are {@link defaultPeerLimits}'. */
  readonly limits?: Partial<PeerLimits>;
}

/** A connected peer: its `init` was accepted and the handlers know it. */
export interface PeerDetails {
  readonly nodeId: NodeId;
  readonly connection: ConnectionId;
  readonly inbound: boolean;
  readonly init: Init;
  /** Bytes that wait for its socket. */
  readonly queuedBytes: number;
  /** The `now` of the last tick before which a message came; absent where ticks tell no time. */
  readonly lastHeardAt?: number;
}

/** What a transport knows about a connection. */
export interface ConnectionOptions {
  /** The other side's address as BOLT 7's descriptor (type and data), told it in `init`'s `remote_addr`. */
  readonly remoteAddress?: Uint8Array;
}
