import { type Block, concatBytes } from '@boltwright/base';

/** Bitcoin's compact size, for up to 65,535 entries. */
function compactSize(count: number): Uint8Array {
  return count < 0xfd ? Uint8Array.of(count) : Uint8Array.of(0xfd, count & 0xff, count >> 8);
}

/** A block as bitcoin serialises it, transactions with their witnesses. */
export function serialiseBlock(block: Block): Uint8Array {
  return concatBytes(
    block.header.bytes,
    compactSize(block.transactions.length),
    ...block.transactions.map(({ bytes }) => bytes),
  );
}
