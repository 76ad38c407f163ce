export { createTcp, type Tcp, type TcpAddress, type TcpOptions } from './tcp.ts';
export type { TcpError, TcpErrorCode } from './tcp-error.ts';
export type { TcpPeerManager } from './tcp-socket.ts';
