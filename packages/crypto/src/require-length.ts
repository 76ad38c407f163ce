/**
 * Holds a backend's caller to the lengths that {@link CryptoBackend} states; every backend uses it.
 *
 * @throws RangeError when `bytes` has another length.
 */
export function requireLength(bytes: Uint8Array, length: number, name: string): void {
  if (bytes.length !== length) throw new RangeError(`${name} has ${bytes.length} bytes: ${length} are expected`);
}

/** @throws RangeError unless it is 0, 1, 2 or 3. */
export function requireRecoveryId(recoveryId: number): void {
  if (recoveryId !== 0 && recoveryId !== 1 && recoveryId !== 2 && recoveryId !== 3) {
    throw new RangeError(`${recoveryId} is no recovery id: 0 to 3 are`);
  }
}

const maxHkdfLength = 255 * 32;

/** @throws RangeError outside what HKDF-SHA256 can give (RFC 5869, section 2.3): 0 to 8160 bytes. */
export function requireHkdfLength(length: number): void {
  if (!Number.isInteger(length) || length < 0 || length > maxHkdfLength) {
    throw new RangeError(`${length} is no HKDF-SHA256 output length: 0 to ${maxHkdfLength} are`);
  }
}
