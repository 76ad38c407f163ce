import type {
  BlockHash,
  BlockHeight,
  ChannelId,
  CltvDelta,
  FeeratePerKw,
  Msat,
  NodeId,
  OutPoint,
  PaymentHash,
  RawTransaction,
  Sat,
  ShortChannelId,
  Txid,
} from '@boltwright/base';
import type { Path, PaymentId } from '@boltwright/interfaces';
import { bigintOf, blob, field, hexId, list, numberOf, record, type Stored } from './stored.ts';

// The stored forms of base's and interfaces' small types.

export const storedChannelId: Stored<ChannelId> = hexId<ChannelId>(32);
export const storedNodeId: Stored<NodeId> = hexId<NodeId>(33);
export const storedHash: Stored<PaymentHash> = hexId<PaymentHash>(32);
export const storedTxid: Stored<Txid> = hexId<Txid>(32);
export const storedBlockHash: Stored<BlockHash> = hexId<BlockHash>(32);
export const storedPaymentId: Stored<PaymentId> = hexId<PaymentId>(32);
export const storedMsat: Stored<Msat> = bigintOf<Msat>();
export const storedSat: Stored<Sat> = bigintOf<Sat>();
export const storedScid: Stored<ShortChannelId> = bigintOf<ShortChannelId>();
export const storedHeight: Stored<BlockHeight> = numberOf<BlockHeight>();
export const storedCltvDelta: Stored<CltvDelta> = numberOf<CltvDelta>();
export const storedFeerate: Stored<FeeratePerKw> = numberOf<FeeratePerKw>();

export const storedOutPoint: Stored<OutPoint> = record({ txid: field(0, storedTxid), vout: field(2, numberOf()) });

export const storedTransaction: Stored<RawTransaction> = record({ txid: field(0, storedTxid), bytes: field(2, blob) });

export const storedPath: Stored<Path> = record({
  hops: field(
    0,
    list(
      record({
        nodeId: field(0, storedNodeId),
        shortChannelId: field(2, storedScid),
        feeMsat: field(4, storedMsat),
        cltvExpiryDelta: field(6, numberOf()),
      }),
    ),
  ),
});
