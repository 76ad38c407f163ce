import { type ChannelId, channelIdOf, type OutPoint, txidBytes } from '@boltwright/base';

/** BOLT 2, Definition of `channel_id`: the funding txid, its last two bytes altered by the output's index. */
export function channelIdOfOutpoint({ txid, vout }: OutPoint): ChannelId {
  const bytes = txidBytes(txid);
  bytes[30]! ^= vout >>> 8;
  bytes[31]! ^= vout & 0xff;
  return channelIdOf(bytes);
}
