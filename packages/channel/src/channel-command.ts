import type { BlockHeight, FeeratePerKw, Msat, OutPoint, PaymentHash, Script } from '@boltwright/base';
import type { HtlcSource } from './htlc-source.ts';

/** What the node asks of a channel. Refused with a `ChannelRefusal` and no change where it cannot be done. */
export type ChannelCommand =
  /** Opener: the funding transaction is made (and signed, but not broadcast): here is its outpoint. */
  | { readonly kind: 'fundingCreated'; readonly fundingOutpoint: OutPoint }
  /** Offers an HTLC; the effect `htlcOffered` names its id. Sent at once, signed by the next `commit`. */
  | {
      readonly kind: 'addHtlc';
      readonly amountMsat: Msat;
      readonly paymentHash: PaymentHash;
      readonly cltvExpiry: BlockHeight;
      /** 1366 bytes. */
      readonly onionRoutingPacket: Uint8Array;
      /** 33 bytes: for a hop within a blinded path. */
      readonly pathKey?: Uint8Array;
      readonly source: HtlcSource;
    }
  /** Settles an HTLC that we received. `id` is the counterparty's. */
  | {
      readonly kind: 'fulfillHtlc';
      readonly id: bigint;
      readonly preimage: Uint8Array;
      readonly attributionData?: Uint8Array;
    }
  | {
      readonly kind: 'failHtlc';
      readonly id: bigint;
      readonly reason: Uint8Array;
      readonly attributionData?: Uint8Array;
    }
  | {
      readonly kind: 'failMalformedHtlc';
      readonly id: bigint;
      readonly sha256OfOnion: Uint8Array;
      readonly failureCode: number;
    }
  /** Opener only. */
  | { readonly kind: 'updateFee'; readonly feeratePerKw: FeeratePerKw }
  /** Signs what is pending, if there is anything to sign and nothing to wait for; otherwise does nothing. */
  | { readonly kind: 'commit' }
  /** Starts a mutual close. */
  | { readonly kind: 'close'; readonly script?: Script; readonly feeratePerKw?: FeeratePerKw }
  /** Ends the channel on chain, by the monitor (which alone broadcasts); before funding: forgets it. */
  | { readonly kind: 'forceClose'; readonly message: string };
