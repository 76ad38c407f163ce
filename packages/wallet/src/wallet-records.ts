import {
  concatBytes,
  copyBytes,
  err,
  fromHex,
  type OutPoint,
  type OutPointKey,
  ok,
  outPointKey,
  type Result,
  type Txid,
  toHex,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { BlockLocation, RecordKey } from '@boltwright/interfaces';
import { struct, t, tlv, tlvStream } from '@boltwright/wire';

/*
 * Every record of this package, by key:
 *
 * wallet_keys               where the wallet's chain begins, and the first keys that were not handed out
 * wallet_fees/<purpose>     the coins kept for a purpose, and the key of its change; the purpose is hashed
 *
 * Coins are in no record: the chain has them.
 */

/** What the chain does not tell: that keys were handed out on which nothing was paid yet. */
export interface KeysRecord {
  readonly birthday: BlockLocation;
  /** By branch. */
  readonly next: readonly [number, number];
}

/** What is kept for one purpose. */
export interface FeesRecord {
  readonly purpose: string;
  /** Of the change branch. */
  readonly changeIndex: number;
  readonly coins: readonly OutPointKey[];
}

/** A record that cannot be read. */
export interface WalletRecordError {
  readonly kind: 'unreadableRecord';
  readonly key: RecordKey;
  readonly message: string;
}

/** What the records of this package say. */
export interface WalletRecords {
  readonly keys: KeysRecord | undefined;
  readonly fees: readonly FeesRecord[];
}

export const keysKey = 'wallet_keys' as RecordKey;
export const feesKey = (crypto: CryptoBackend, purpose: string): RecordKey =>
  `wallet_fees/${toHex(crypto.sha256(new TextEncoder().encode(purpose)))}` as RecordKey;

const version = 1;

const keysStream = tlvStream('wallet_keys', {
  hash: tlv(0n, t.bytes(32)),
  height: tlv(2n, t.blockHeight),
  nextReceive: tlv(4n, t.u32),
  nextChange: tlv(6n, t.u32),
});

const feesStream = tlvStream('wallet_fees', {
  purpose: tlv(0n, t.rest),
  changeIndex: tlv(2n, t.u32),
  coins: tlv(4n, t.arrayRest(struct({ txid: t.txid, vout: t.u32 }))),
});

const versioned = (bytes: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(version), bytes);

export const encodeKeys = ({ birthday, next: [nextReceive, nextChange] }: KeysRecord): Uint8Array =>
  versioned(keysStream.encode({ hash: fromHex(birthday.hash), height: birthday.height, nextReceive, nextChange }));

export const encodeFees = ({ purpose, changeIndex, coins }: FeesRecord): Uint8Array =>
  versioned(
    feesStream.encode({ purpose: new TextEncoder().encode(purpose), changeIndex, coins: coins.map(outPointOf) }),
  );

/** Reads the records of this package, in any order; those of others are passed over. Never throws. */
export function readWalletRecords(
  records: Iterable<readonly [RecordKey, Uint8Array]>,
): Result<WalletRecords, WalletRecordError> {
  let keys: KeysRecord | undefined;
  const fees: FeesRecord[] = [];
  for (const [key, bytes] of records) {
    const isKeys = key === keysKey;
    if (!isKeys && !key.startsWith('wallet_fees/')) continue;
    const fail = (message: string) => err<WalletRecordError>({ kind: 'unreadableRecord', key, message });
    if (bytes[0] !== version) return fail(`version ${bytes[0]}, known is ${version}`);
    const body = copyBytes(bytes.subarray(1));
    if (isKeys) {
      const read = keysStream.decode(body);
      if (!read.ok) return fail(read.error.message);
      const { hash, height, nextReceive, nextChange } = read.value;
      if (hash === undefined || height === undefined || nextReceive === undefined || nextChange === undefined) {
        return fail('a field is missing');
      }
      keys = { birthday: { hash: toHex(hash) as BlockLocation['hash'], height }, next: [nextReceive, nextChange] };
    } else {
      const read = feesStream.decode(body);
      if (!read.ok) return fail(read.error.message);
      const { purpose, changeIndex, coins } = read.value;
      if (purpose === undefined || changeIndex === undefined || coins === undefined) return fail('a field is missing');
      fees.push({ purpose: new TextDecoder().decode(purpose), changeIndex, coins: coins.map(outPointKey) });
    }
  }
  return ok({ keys, fees });
}

function outPointOf(key: OutPointKey): OutPoint {
  const [id, vout] = key.split(':');
  return { txid: id as Txid, vout: Number(vout) };
}
