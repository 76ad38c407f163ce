import { concatBytes, copyBytes } from '@boltwright/base';
import type { AttributionData } from '@boltwright/wire';

const holdTimesLength = 80;
const hmacsLength = 840;

/** BOLT 4's attribution data in one piece, 920 bytes, as it crosses our own seams. */
export const attributionBytes = (data: AttributionData): Uint8Array =>
  concatBytes(data.htlcHoldTimes, data.truncatedHmacs);

/** @throws RangeError unless it is 920 bytes. */
export function attributionOf(bytes: Uint8Array): AttributionData {
  if (bytes.length !== holdTimesLength + hmacsLength) {
    throw new RangeError(`attribution data is ${holdTimesLength + hmacsLength} bytes, not ${bytes.length}`);
  }
  return {
    htlcHoldTimes: copyBytes(bytes.subarray(0, holdTimesLength)),
    truncatedHmacs: copyBytes(bytes.subarray(holdTimesLength)),
  };
}
