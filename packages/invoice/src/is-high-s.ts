import { compareBytes, fromHex } from '@boltwright/base';

const halfOrder = fromHex('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0');

/** Whether `s` of a 64-byte signature is above half the order of the group. */
export const isHighS = (signature: Uint8Array): boolean => compareBytes(signature.subarray(32, 64), halfOrder) > 0;
