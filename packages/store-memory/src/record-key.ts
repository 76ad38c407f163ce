import type { RecordKey } from '@boltwright/interfaces';

const pattern = /^[0-9a-z_-]+(?:\/[0-9a-z_-]+)*$/;

/**
 * Checks a record's key: segments of `[0-9a-z_-]` joined by `/`, up to 200 characters.
 *
 * @throws RangeError when it is none: the caller's mistake.
 */
export function checkRecordKey(key: RecordKey): void {
  if (key.length > 200 || !pattern.test(key)) throw new RangeError(`'${key}' is no record key`);
}
