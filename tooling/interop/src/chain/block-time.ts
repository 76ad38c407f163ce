import type { Header } from '@boltwright/base';

/** Milliseconds since 1970: bytes 68 to 72 of a header are its time in seconds. */
export function blockTime({ bytes }: Header): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(68, true) * 1000;
}
