import {
  addMsat,
  type BlockHeight,
  blockHeight,
  type Msat,
  nodeIdBytes,
  type PaymentHash,
  paymentHashBytes,
  zeroMsat,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { Path } from '@boltwright/interfaces';
import { type BuiltOnion, buildOnion, paymentPayloadsLength } from '@boltwright/onion';
import { type OnionPayload, onionPayload, payloadsFit } from '@boltwright/wire';

/** What the payee is to read in the last payload. */
export interface FinalPayload {
  readonly paymentSecret: Uint8Array;
  readonly totalMsat: Msat;
  readonly paymentMetadata?: Uint8Array | undefined;
}

/** The HTLC for the first hop of a path. */
export interface FirstHtlc {
  readonly amountMsat: Msat;
  readonly cltvExpiry: BlockHeight;
  readonly payloads: readonly OnionPayload[];
}

/**
 * Amounts and expiries along a path, from the payee backwards, and what each hop reads (BOLT 4, `payload` format).
 *
 * @param height - the tip, with the slack that the payer allows for.
 */
export function layOut(path: Path, final: FinalPayload, height: number): FirstHtlc {
  const payloads: OnionPayload[] = [];
  let amountMsat = zeroMsat;
  let cltvExpiry = height;
  for (let i = path.hops.length - 1; i >= 0; i--) {
    const hop = path.hops[i]!;
    const next = path.hops[i + 1];
    const outgoingCltvValue = blockHeight(next === undefined ? cltvExpiry + hop.cltvExpiryDelta : cltvExpiry);
    if (next === undefined) {
      const { paymentSecret, totalMsat, paymentMetadata } = final;
      payloads.unshift({
        amtToForward: hop.feeMsat,
        outgoingCltvValue,
        paymentData: { paymentSecret, totalMsat },
        ...(paymentMetadata === undefined ? {} : { paymentMetadata }),
      });
    } else {
      payloads.unshift({ amtToForward: amountMsat, outgoingCltvValue, shortChannelId: next.shortChannelId });
    }
    amountMsat = addMsat(amountMsat, hop.feeMsat);
    cltvExpiry += hop.cltvExpiryDelta;
  }
  return { amountMsat, cltvExpiry: blockHeight(cltvExpiry), payloads };
}

/** Whether the payloads fit an onion: metadata of the payee's may be too long for the path. */
export const fitsOnion = (payloads: readonly OnionPayload[]): boolean => payloadsFit(payloads, paymentPayloadsLength);

/** @param sessionKey - 32 bytes: the same gives the same onion and the same secrets. */
export function buildPaymentOnion(
  crypto: CryptoBackend,
  path: Path,
  payloads: readonly OnionPayload[],
  sessionKey: Uint8Array,
  paymentHash: PaymentHash,
): BuiltOnion {
  return buildOnion(crypto, {
    sessionKey,
    hops: path.hops.map((hop, i) => ({
      publicKey: nodeIdBytes(hop.nodeId),
      payload: onionPayload.encode(payloads[i]!),
    })),
    associatedData: paymentHashBytes(paymentHash),
  });
}
