import { type Answer, err, type NodeId, ok, type Result } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { NodeSigner } from '@boltwright/interfaces';
import type { OnionMessage } from '@boltwright/wire';
import { type BlindedHopInput, type BlindedPath, buildBlindedPath, type IntroductionNode } from './blinded-path.ts';
import { buildOnion, payloadFootprint } from './build-onion.ts';
import { type EcdhSteps, runWithSigner } from './ecdh-steps.ts';
import { type EncryptedData, hasUnknownFeatures } from './encrypted-data.ts';
import type { Complaint } from './onion-error.ts';
import {
  decodeOnionMessagePayload,
  encodeOnionMessagePayload,
  type OnionMessagePayload,
} from './onion-message-payload.ts';
import { largePayloadsLength, paymentPayloadsLength } from './onion-packet.ts';
import { defaultMaxDummyHops, layerSecrets, unblindLayer } from './open-layer.ts';
import { peelOnion } from './peel-onion.ts';
import type { NextHop } from './receive-payment-onion.ts';

const section = 'BOLT #4: The `onion_message` Message';

/** What `buildOnionMessage` needs. */
export interface BuildOnionMessageRequest {
  /** 32 bytes, fresh from a CSPRNG: of the onion. */
  readonly sessionKey: Uint8Array;
  /** 32 bytes, fresh from a CSPRNG, another one: of the blinded path to `hops` and the destination. */
  readonly pathSessionKey: Uint8Array;
  /** Nodes on the way to the destination; none where the destination (or its introduction node) is a peer. */
  readonly hops: readonly NodeId[];
  readonly destination:
    | { readonly kind: 'node'; readonly nodeId: NodeId }
    /** An offer's path, or the `replyPath` of a message that is answered. */
    | { readonly kind: 'path'; readonly path: BlindedPath };
  /** What the destination reads; at most one of the payload fields. */
  readonly content: Omit<OnionMessagePayload, 'encryptedRecipientData'>;
}

/** An onion message, and the peer that it goes to. */
export interface BuiltOnionMessage {
  /** A `channel` only where a path begins so and there are no hops before it: its end has to be looked up. */
  readonly firstNode: IntroductionNode;
  readonly message: OnionMessage;
}

/**
 * Builds an onion message. Its packet has 1366 bytes where that is enough, else 32834.
 *
 * @throws RangeError when a key is none, a node id is no point, or the content does not fit.
 * @see BOLT #4, Onion Messages: the writer
 */
export function buildOnionMessage(crypto: CryptoBackend, request: BuildOnionMessageRequest): BuiltOnionMessage {
  const path = wholePath(crypto, request);
  const last = path.hops.length - 1;
  const hops = path.hops.map(({ blindedNodeId, encryptedRecipientData }, i) => ({
    publicKey: blindedNodeId,
    payload: encodeOnionMessagePayload({ ...(i === last ? request.content : {}), encryptedRecipientData }),
  }));
  const total = hops.reduce((sum, { payload }) => sum + payloadFootprint(payload), 0);
  const payloadsLength = total <= paymentPayloadsLength ? paymentPayloadsLength : largePayloadsLength;
  const { packet } = buildOnion(crypto, { sessionKey: request.sessionKey, hops, payloadsLength });
  const message = { type: 'onion_message', pathKey: path.firstPathKey, onionMessagePacket: packet } as const;
  return { firstNode: path.firstNode, message };
}

/** All the hops as one blinded path: all onion messages are blinded, also on the sender's part of the way. */
function wholePath(crypto: CryptoBackend, request: BuildOnionMessageRequest): BlindedPath {
  const { hops, destination, pathSessionKey: sessionKey } = request;
  if (destination.kind === 'path' && hops.length === 0) return destination.path;
  const joint: EncryptedData =
    destination.kind === 'node' ? { nextNodeId: destination.nodeId } : jointTo(destination.path);
  const inputs: BlindedHopInput[] = hops.map((nodeId, i) => {
    const next = hops[i + 1];
    return { nodeId, data: next === undefined ? joint : { nextNodeId: next } };
  });
  if (destination.kind === 'node') inputs.push({ nodeId: destination.nodeId, data: {} });
  const own = buildBlindedPath(crypto, { sessionKey, hops: inputs });
  return destination.kind === 'node' ? own : { ...own, hops: [...own.hops, ...destination.path.hops] };
}

function jointTo({ firstNode, firstPathKey }: BlindedPath): EncryptedData {
  const next =
    firstNode.kind === 'node' ? { nextNodeId: firstNode.nodeId } : { shortChannelId: firstNode.shortChannelId };
  return { ...next, nextPathKeyOverride: firstPathKey };
}

/** Why an onion message is dropped. Nothing is ever sent back for it. */
export interface OnionMessageError extends Complaint {
  readonly kind: 'unreadable_onion' | 'unreadable_payload' | 'unreadable_data' | 'not_allowed';
}

/** What an onion message asks of this node. Plain data. */
export type ReceivedOnionMessage =
  | { readonly kind: 'forward'; readonly next: NextHop; readonly message: OnionMessage }
  | {
      readonly kind: 'receive';
      readonly payload: OnionMessagePayload;
      /**
       * Of the path that was used. Set: only an answer to what that path was made for may be taken. Not set: an answer
       * to a message whose reply path had one must not be taken.
       */
      readonly pathId?: Uint8Array;
    };

/** Choices of `receiveOnionMessage`. */
export interface ReceiveMessageOptions {
  /** Whether an even record of the payload that BOLT 4 does not list is understood; none is by default. */
  readonly understands?: (tlvType: bigint) => boolean;
  /** Most dummy hops that are peeled through: as many as the node's own paths have. Default 5. */
  readonly maxDummyHops?: number;
}

/**
 * Opens an onion message; dummy hops to this node itself are peeled through.
 *
 * @param signer - As for `receivePaymentOnion`: where it answers `pending`, so does this.
 * @returns an error for what is to be ignored.
 * @see BOLT #4, Onion Messages: the reader
 */
export function receiveOnionMessage(
  crypto: CryptoBackend,
  signer: Pick<NodeSigner, 'ecdh' | 'nodeId'>,
  message: Pick<OnionMessage, 'pathKey' | 'onionMessagePacket'>,
  options: ReceiveMessageOptions = {},
): Answer<Result<ReceivedOnionMessage, OnionMessageError>> {
  return runWithSigner(signer, receive(crypto, signer.nodeId(), message, options));
}

const drop = (kind: OnionMessageError['kind'], field: string, value: string, text: string) =>
  err({ kind, section, field, value, text } as const);

function* receive(
  crypto: CryptoBackend,
  ownId: NodeId,
  message: Pick<OnionMessage, 'pathKey' | 'onionMessagePacket'>,
  options: ReceiveMessageOptions,
): EcdhSteps<Result<ReceivedOnionMessage, OnionMessageError>> {
  let { pathKey, onionMessagePacket: packet } = message;
  for (let i = 0; i <= (options.maxDummyHops ?? defaultMaxDummyHops); i++) {
    const secrets = yield* layerSecrets(crypto, packet, pathKey);
    const opened = secrets.ok ? peelOnion(crypto, { packet, sharedSecret: secrets.value.sharedSecret }) : secrets;
    if (!opened.ok) return drop('unreadable_onion', opened.error.field, opened.error.value, opened.error.text);
    const peeled = opened.value;
    const pathSecret = secrets.ok ? secrets.value.pathSecret : undefined;
    const read = readPayload(peeled.payload, peeled.kind === 'final', options);
    if (!read.ok) return read;
    const payload = read.value;
    const encrypted = payload.encryptedRecipientData;
    if (encrypted === undefined) return drop('not_allowed', 'encryptedRecipientData', 'missing', 'it is needed');
    const unblinded = yield* unblindLayer(crypto, encrypted, pathKey, pathSecret);
    if (!unblinded.ok) {
      return drop('unreadable_data', unblinded.error.field, unblinded.error.value, unblinded.error.text);
    }
    const { data } = unblinded.value;
    if (hasUnknownFeatures(data)) return drop('not_allowed', 'allowedFeatures', 'a bit that is set', 'unknown here');
    if (peeled.kind === 'final') {
      return ok({ kind: 'receive', payload, ...(data.pathId === undefined ? {} : { pathId: data.pathId }) });
    }
    if (data.pathId !== undefined) return drop('not_allowed', 'pathId', 'set', 'only the last hop has one');
    const next = nextHopOf(data);
    if (next === undefined) return drop('not_allowed', 'nextNodeId', 'missing', 'no next hop is named');
    const nextPathKey = unblinded.value.nextPathKey();
    if (!nextPathKey.ok) {
      return drop('unreadable_data', nextPathKey.error.field, nextPathKey.error.value, nextPathKey.error.text);
    }
    packet = peeled.nextPacket;
    pathKey = nextPathKey.value;
    if (next.kind === 'channel' || next.nodeId !== ownId) {
      const forwarded = { type: 'onion_message', pathKey, onionMessagePacket: packet } as const;
      return ok({ kind: 'forward', next, message: forwarded });
    }
  }
  return drop('not_allowed', 'nextNodeId', ownId, 'more dummy hops than are taken');
}

function nextHopOf({ nextNodeId, shortChannelId }: EncryptedData): NextHop | undefined {
  if (nextNodeId !== undefined) return { kind: 'node', nodeId: nextNodeId };
  return shortChannelId === undefined ? undefined : { kind: 'channel', shortChannelId };
}

const contentFields = ['invoiceRequest', 'invoice', 'invoiceError'] as const;

function readPayload(
  bytes: Uint8Array,
  isFinal: boolean,
  options: ReceiveMessageOptions,
): Result<OnionMessagePayload, OnionMessageError> {
  const decoded = decodeOnionMessagePayload(bytes);
  if (!decoded.ok) return drop('unreadable_payload', decoded.error.field, decoded.error.kind, decoded.error.message);
  const payload = decoded.value;
  const understands = options.understands ?? (() => false);
  const strange = payload.unknownTlvs?.find(({ type }) => type % 2n === 0n && !understands(type));
  if (strange !== undefined) return drop('not_allowed', 'type', String(strange.type), 'an even type not understood');
  if (!isFinal) {
    const extra = Object.keys(payload).find((name) => name !== 'encryptedRecipientData');
    return extra === undefined ? ok(payload) : drop('not_allowed', extra, 'set', 'only for the last hop');
  }
  // The user's own messages are payload fields as well: from type 64 on.
  const own = payload.unknownTlvs?.filter(({ type }) => type >= 64n).length ?? 0;
  const count = own + contentFields.filter((name) => payload[name] !== undefined).length;
  return count > 1 ? drop('not_allowed', 'type', `${count} payload fields`, 'one at most') : ok(payload);
}
