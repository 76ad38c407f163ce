import { type Answer, err, ok, paymentHashBytes, pending, type Result, ready } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { NodeSigner } from '@boltwright/interfaces';
import {
  type BadOnionFailure,
  type Failure,
  invalidOnionKey,
  isBadOnion,
  onionPublicKey,
  peelOnion,
} from '@boltwright/onion';
import { type OnionPayload, onionPayload } from '@boltwright/wire';
import type { InboundHtlc } from '../records.ts';

/** Why an HTLC is failed at once: `malformed` where its onion could not be read, and so no answer be wrapped. */
export type OnionRefusal =
  | { readonly kind: 'malformed'; readonly failure: BadOnionFailure }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly sharedSecret: Uint8Array };

/**
 * Takes our layer off the onion of a received HTLC.
 *
 * @returns the HTLC with what was in it; `pending` while the node's key cannot be asked.
 * @see BOLT #4, Onion Decryption
 */
export function readOnion(
  crypto: CryptoBackend,
  signer: NodeSigner,
  htlc: InboundHtlc,
): Answer<Result<InboundHtlc, OnionRefusal>> {
  const { onion, pathKey, ...rest } = htlc;
  if (onion === undefined) return ready(ok(htlc));
  const sha256OfOnion = crypto.sha256(onion);
  // BOLT 4, Failure Messages: within a blinded path every failure is this one. We set no `option_route_blinding`.
  if (pathKey !== undefined) {
    return ready(err({ kind: 'malformed', failure: { kind: 'invalid_onion_blinding', sha256OfOnion } }));
  }
  const publicKey = onionPublicKey(crypto, onion);
  if (!publicKey.ok) return ready(malformedOr(publicKey.error.failure, sha256OfOnion));
  const shared = signer.ecdh(publicKey.value);
  if (shared.kind === 'pending') return pending;
  const sharedSecret = shared.value;
  if (sharedSecret === undefined) return ready(malformedOr(invalidOnionKey(crypto, onion).failure, sha256OfOnion));
  const peeled = peelOnion(crypto, {
    packet: onion,
    sharedSecret,
    associatedData: paymentHashBytes(htlc.paymentHash),
  });
  if (!peeled.ok) {
    const { failure } = peeled.error;
    return ready(
      isBadOnion(failure) ? err({ kind: 'malformed', failure }) : err({ kind: 'failure', failure, sharedSecret }),
    );
  }
  const { payload } = peeled.value;
  const decoded = onionPayload.decode(payload);
  if (!decoded.ok) {
    return ready(
      err({ kind: 'failure', failure: { kind: 'invalid_onion_payload', tlvType: 0n, offset: 0 }, sharedSecret }),
    );
  }
  const { encryptedRecipientData, currentPathKey } = decoded.value;
  if (encryptedRecipientData !== undefined || currentPathKey !== undefined) {
    return ready(err({ kind: 'failure', failure: { kind: 'invalid_onion_blinding', sha256OfOnion }, sharedSecret }));
  }
  const missing = missingField(decoded.value, peeled.value.kind === 'final');
  if (missing !== undefined) {
    return ready(
      err({ kind: 'failure', failure: { kind: 'invalid_onion_payload', tlvType: missing, offset: 0 }, sharedSecret }),
    );
  }
  return ready(
    ok(
      peeled.value.kind === 'final'
        ? { ...rest, sharedSecret, payload }
        : { ...rest, sharedSecret, payload, nextPacket: peeled.value.nextPacket },
    ),
  );
}

/** The type of a record that BOLT 4, `payload` format, asks for and that is not there. */
function missingField(payload: OnionPayload, isFinal: boolean): bigint | undefined {
  if (payload.amtToForward === undefined) return 2n;
  if (payload.outgoingCltvValue === undefined) return 4n;
  return !isFinal && payload.shortChannelId === undefined ? 6n : undefined;
}

function malformedOr(failure: Failure, sha256OfOnion: Uint8Array): Result<never, OnionRefusal> {
  return err({
    kind: 'malformed',
    failure: isBadOnion(failure) ? failure : { kind: 'invalid_onion_key', sha256OfOnion },
  });
}
