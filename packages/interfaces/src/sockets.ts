/**
 * One socket, as the net packages give it to `PeerManager`; compared by identity.
 *
 * Order: bytes leave as they were taken. Neither method may block or wait, and what happens to the socket meanwhile is
 * told to `PeerManager` by `writeBufferSpaceAvailable`, `readEvent` or `socketDisconnected`, best after the call returned.
 * One that throws loses its connection.
 */
export interface SocketDescriptor {
  /**
   * Queues bytes to be sent.
   *
   * @param data - what is taken of it may be kept without a copy: its bytes are not changed any more. Empty where there
   * is only reading to go on with.
   * @param resumeRead - true where reading, paused before, may go on; false changes nothing.
   * @returns how many bytes were taken, from the first on: fewer than given means the buffer is full, and
   * `PeerManager.writeBufferSpaceAvailable` follows once there is room. All of them where the socket is gone already.
   */
  sendData(data: Uint8Array, resumeRead: boolean): number;
  /**
   * Closes it, once what was taken has left, within a bound of the socket's own. `PeerManager` has forgotten it by then:
   * nothing that happens to it afterwards need be told, and nothing is read from it any more.
   */
  disconnectSocket(): void;
}
