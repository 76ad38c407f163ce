/** One socket, as the net packages give it to `PeerManager`; compared by identity. */
export interface SocketDescriptor {
  /**
   * Queues bytes to be sent.
   *
   * @param resumeRead - true where reading, paused before, may go on; false changes nothing.
   * @returns how many bytes were taken: fewer than given means the buffer is full, and
   * `PeerManager.writeBufferSpaceAvailable` follows once there is room.
   */
  sendData(data: Uint8Array, resumeRead: boolean): number;
  /** Closes it; `socketDisconnected` is not called for it. */
  disconnectSocket(): void;
}
