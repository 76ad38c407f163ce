import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { err, type NodeId, ok, type Result } from '@boltwright/base';
import type { Logger } from '@boltwright/interfaces';
import type { PeerDetails, PeerError } from '@boltwright/peer-manager';
import { remoteAddressDescriptor } from './remote-address.ts';
import { type TcpError, tcpError } from './tcp-error.ts';
import { type TcpPeerManager, TcpSocket } from './tcp-socket.ts';

/** Where to connect or listen; port 0 lets the system choose one to listen at. */
export interface TcpAddress {
  /** A name or an address, IPv4 or IPv6 (without brackets). */
  readonly host: string;
  readonly port: number;
}

/** Limits in time and number; times are in milliseconds. */
export interface TcpOptions {
  /** For connection, handshake and `init` together; 15 seconds when left out. */
  readonly connectTimeoutMilliseconds?: number;
  /** Idle time before TCP's own keep-alive probes; 30 seconds when left out. */
  readonly keepAliveMilliseconds?: number;
  /** How long the last bytes of a connection may take to leave; 2 seconds when left out. */
  readonly lingerMilliseconds?: number;
  /** Sockets that came in, at once: more are closed by the system's side. 1024 when left out. */
  readonly maxInboundSockets?: number;
  readonly logger?: Logger;
}

/** TCP for a `PeerManager`. */
export interface Tcp {
  /**
   * Accepts connections.
   *
   * @param at - port 0 lets the system choose one.
   * @returns where it listens, or `listen_failed`.
   */
  listen(at: TcpAddress): Promise<Result<TcpAddress, TcpError>>;
  /**
   * Connects to a node, and waits until its `init` is accepted.
   *
   * @returns the peer, or why it is none: `connect_failed`, `connect_timeout`, `handshake_failed`, `closed`.
   */
  connect(peer: NodeId, at: TcpAddress): Promise<Result<PeerDetails, TcpError>>;
  /** Stops listening and ends every connection; resolves when all sockets are closed. Nothing works afterwards. */
  close(): Promise<void>;
  /** Open sockets, both ways, also those that have not said who they are. */
  readonly socketCount: number;
}

/**
 * Puts a `PeerManager` on TCP sockets. After each chunk that was read it calls `processEvents`; it calls no
 * `timerTick`: time is its caller's.
 */
export function createTcp(peers: TcpPeerManager, options: TcpOptions = {}): Tcp {
  const {
    connectTimeoutMilliseconds = 15_000,
    keepAliveMilliseconds = 30_000,
    lingerMilliseconds = 2_000,
    maxInboundSockets = 1024,
    logger,
  } = options;
  const servers = new Set<Server>();
  const sockets = new Map<Socket, TcpSocket | undefined>();
  let isClosed = false;
  let allClosed: (() => void) | undefined;

  function track(socket: Socket): void {
    sockets.set(socket, undefined);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMilliseconds);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) allClosed?.();
    });
    socket.on('error', (error) => {
      logger?.log('debug', 'socket error', { error: error.message, remote: socket.remoteAddress });
    });
  }

  function accept(socket: Socket): void {
    track(socket);
    const descriptor = new TcpSocket(socket, peers, { closed: () => {} }, lingerMilliseconds);
    sockets.set(socket, descriptor);
    const remoteAddress = remoteAddressDescriptor(socket.remoteAddress, socket.remotePort);
    peers.newInboundConnection(descriptor, remoteAddress === undefined ? {} : { remoteAddress });
    descriptor.start();
  }

  async function listen({ host, port }: TcpAddress): Promise<Result<TcpAddress, TcpError>> {
    if (isClosed) return err(tcpError('closed', `${host}:${port}`, 'closed already'));
    const server = createServer(accept);
    server.maxConnections = maxInboundSockets;
    return new Promise((resolve) => {
      server.on('error', (error: Error & { code?: string }) => {
        logger?.log('error', 'listening failed', { error: error.message });
        resolve(err(tcpError('listen_failed', `${host}:${port}`, error.message, { systemCode: error.code })));
      });
      server.listen({ host, port }, () => {
        if (isClosed) {
          server.close();
          resolve(err(tcpError('closed', `${host}:${port}`, 'closed while it began to listen')));
          return;
        }
        servers.add(server);
        const bound = server.address();
        resolve(
          ok(bound === null || typeof bound === 'string' ? { host, port } : { host: bound.address, port: bound.port }),
        );
      });
    });
  }

  async function connect(peer: NodeId, { host, port }: TcpAddress): Promise<Result<PeerDetails, TcpError>> {
    const address = `${host}:${port}`;
    if (isClosed) return err(tcpError('closed', address, 'closed already'));
    return new Promise((resolve) => {
      const fail = (error: TcpError): void => {
        clearTimeout(timer);
        resolve(err(error));
        socket.destroy();
      };
      const socket = createConnection({ host, port });
      track(socket);
      const timer = setTimeout(() => {
        fail(tcpError('connect_timeout', address, `no peer after ${connectTimeoutMilliseconds} ms`));
      }, connectTimeoutMilliseconds);
      let isUp = false;
      socket.on('error', (error: Error & { code?: string }) => {
        if (!isUp) fail(tcpError('connect_failed', address, error.message, { systemCode: error.code }));
      });
      socket.on('close', () => {
        // Only where `close` came ahead of the connection; else an error or the session has answered by now.
        if (!isUp) fail(tcpError('closed', address, 'closed while it connected'));
      });
      socket.on('connect', () => {
        isUp = true;
        const connected = (details: PeerDetails): void => {
          clearTimeout(timer);
          resolve(ok(details));
        };
        const closed = (cause: PeerError | undefined): void => {
          const text = cause?.message ?? 'the connection ended before init';
          fail(tcpError(isClosed ? 'closed' : 'handshake_failed', address, text, { cause }));
        };
        const descriptor = new TcpSocket(socket, peers, { connected, closed }, lingerMilliseconds);
        const actOne = peers.newOutboundConnection(peer, descriptor);
        if (!actOne.ok) {
          closed(actOne.error);
          return;
        }
        sockets.set(socket, descriptor);
        descriptor.start();
        descriptor.sendData(actOne.value, false);
      });
    });
  }

  async function close(): Promise<void> {
    isClosed = true;
    const stopped = [...servers].map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    const ended = new Promise<void>((resolve) => {
      if (sockets.size === 0) resolve();
      else allClosed = resolve;
    });
    for (const [socket, descriptor] of sockets) {
      if (descriptor === undefined) socket.destroy();
      else {
        peers.socketDisconnected(descriptor);
        descriptor.disconnectSocket();
      }
    }
    peers.processEvents();
    await Promise.all([...stopped, ended]);
  }

  return {
    listen,
    connect,
    close,
    get socketCount() {
      return sockets.size;
    },
  };
}
