import type { ChannelId } from '@boltwright/base';
import type { PaymentId } from '@boltwright/interfaces';

/** Where an HTLC that we offered comes from: kept with it, durable with the commitment that carries it. */
export type HtlcSource =
  | { readonly kind: 'payment'; readonly paymentId: PaymentId; readonly part: number }
  | { readonly kind: 'forward'; readonly channelId: ChannelId; readonly htlcId: bigint };
