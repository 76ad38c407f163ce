import { createConnection, createServer, type Server, type Socket } from 'node:net';
import {
  Option_SocketAddressZ,
  type PeerManager,
  Result_boolPeerHandleErrorZ_OK,
  Result_CVec_u8ZPeerHandleErrorZ_OK,
  SocketDescriptor,
} from 'lightningdevkit';

/** Puts LDK's `PeerManager` on real TCP sockets. */
export class LdkSockets {
  readonly #peers: PeerManager;
  readonly #pump: () => void;
  /** LDK holds these by pointer: the references keep them alive. */
  readonly #open = new Map<bigint, { readonly socket: Socket; readonly descriptor: SocketDescriptor }>();
  #next = 1n;
  #server: { readonly server: Server; readonly port: number } | undefined;

  constructor(peers: PeerManager, pump: () => void) {
    this.#peers = peers;
    this.#pump = pump;
  }

  async listen(): Promise<number> {
    if (this.#server !== undefined) return this.#server.port;
    const server = createServer((socket) => {
      const descriptor = this.#adopt(socket);
      this.#peers.new_inbound_connection(descriptor, Option_SocketAddressZ.constructor_none());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    this.#server = { server, port: address.port };
    return address.port;
  }

  async connect(nodeId: Uint8Array, port: number): Promise<void> {
    const socket = createConnection({ host: '127.0.0.1', port });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const descriptor = this.#adopt(socket);
    const actOne = this.#peers.new_outbound_connection(nodeId, descriptor, Option_SocketAddressZ.constructor_none());
    if (!(actOne instanceof Result_CVec_u8ZPeerHandleErrorZ_OK)) throw new Error('LDK refuses to connect');
    socket.write(actOne.res);
  }

  async close(): Promise<void> {
    for (const { socket } of this.#open.values()) socket.destroy();
    this.#open.clear();
    const server = this.#server?.server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #adopt(socket: Socket): SocketDescriptor {
    const id = this.#next++;
    socket.setNoDelay(true);
    const descriptor = SocketDescriptor.new_impl({
      send_data(data, resumeRead) {
        if (resumeRead) socket.resume();
        if (data.length > 0) socket.write(data);
        return data.length;
      },
      disconnect_socket() {
        socket.end();
      },
      eq: (other) => other.hash() === id,
      hash: () => id,
    });
    this.#open.set(id, { socket, descriptor });
    socket.on('data', (data) => {
      const answer = this.#peers.read_event(descriptor, new Uint8Array(data));
      if (answer instanceof Result_boolPeerHandleErrorZ_OK) {
        if (answer.res) socket.pause();
      } else {
        socket.destroy();
      }
      this.#pump();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#open.delete(id);
      this.#peers.socket_disconnected(descriptor);
      this.#pump();
    });
    return descriptor;
  }
}
