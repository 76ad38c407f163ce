import type { TcpPeerManager } from '@boltwright/net-tcp';

/** The peer manager as the sockets drive it, with `afterwards` told whenever what they read has been dealt with. */
export const heardBy = (peers: TcpPeerManager, afterwards: () => void): TcpPeerManager => ({
  newOutboundConnection: (peer, socket, options) => peers.newOutboundConnection(peer, socket, options),
  newInboundConnection: (socket, options) => peers.newInboundConnection(socket, options),
  readEvent: (socket, data) => peers.readEvent(socket, data),
  writeBufferSpaceAvailable: (socket) => peers.writeBufferSpaceAvailable(socket),
  socketDisconnected: (socket) => peers.socketDisconnected(socket),
  peerAt: (socket) => peers.peerAt(socket),
  processEvents() {
    peers.processEvents();
    afterwards();
  },
});
