/** The order of secp256k1's group: the stand-in counts modulo the same number as the real curve. */
export const order = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;

/** The 256-bit number that starts at `offset`. */
export function readNumber(bytes: Uint8Array, offset: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 32);
  return (
    (view.getBigUint64(0) << 192n) |
    (view.getBigUint64(8) << 128n) |
    (view.getBigUint64(16) << 64n) |
    view.getBigUint64(24)
  );
}

const low64 = 0xffff_ffff_ffff_ffffn;

export function writeNumber(value: bigint, target: Uint8Array, offset: number): Uint8Array {
  const view = new DataView(target.buffer, target.byteOffset + offset, 32);
  view.setBigUint64(0, value >> 192n);
  view.setBigUint64(8, (value >> 128n) & low64);
  view.setBigUint64(16, (value >> 64n) & low64);
  view.setBigUint64(24, value & low64);
  return target;
}

/** 32 bytes of a scalar, or undefined for zero. */
export const scalarBytes = (value: bigint): Uint8Array | undefined =>
  value === 0n ? undefined : writeNumber(value, new Uint8Array(32), 0);

/** 33 bytes of the "point" of a scalar, or undefined for infinity. */
export function pointBytes(value: bigint): Uint8Array | undefined {
  if (value === 0n) return undefined;
  const point = new Uint8Array(33);
  point[0] = 2;
  return writeNumber(value, point, 1);
}
