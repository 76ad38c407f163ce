import {
  copyBytes,
  err,
  type NodeId,
  nodeIdBytes,
  nodeIdOf,
  ok,
  type Result,
  type ShortChannelId,
  toHex,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { type FieldType, struct, t } from '@boltwright/wire';
import { decodeEncryptedData, type EncryptedData, encodeEncryptedData } from './encrypted-data.ts';
import { deriveKey, zeroNonce } from './key-derivation.ts';
import type { Complaint } from './onion-error.ts';
import { blindingFactor } from './peel-onion.ts';

const section = 'BOLT #4: Route Blinding';

/** Where a blinded path begins: a node, or one end of a channel (`sciddir_or_pubkey`). */
export type IntroductionNode =
  | { readonly kind: 'node'; readonly nodeId: NodeId }
  | {
      readonly kind: 'channel';
      /** 0: `node_id_1` of the channel's announcement, 1: `node_id_2`. */
      readonly direction: 0 | 1;
      readonly shortChannelId: ShortChannelId;
    };

/** One hop of a {@link BlindedPath}. */
export interface BlindedHop {
  /** 33 bytes. */
  readonly blindedNodeId: Uint8Array;
  readonly encryptedRecipientData: Uint8Array;
}

/** BOLT #4, Route Blinding: `blinded_path`. Plain data. */
export interface BlindedPath {
  readonly firstNode: IntroductionNode;
  /** 33 bytes. */
  readonly firstPathKey: Uint8Array;
  /** The introduction node's first; at least one. */
  readonly hops: readonly BlindedHop[];
}

/** One hop of a blinded path that is to be built. */
export interface BlindedHopInput {
  readonly nodeId: NodeId;
  /** What the hop is told; bytes where they are encoded already. */
  readonly data: EncryptedData | Uint8Array;
}

/** What `buildBlindedPath` needs. */
export interface BuildBlindedPathRequest {
  /** 32 bytes, fresh from a CSPRNG: the first path key's secret. */
  readonly sessionKey: Uint8Array;
  /** The introduction node first, the recipient last; at least one. */
  readonly hops: readonly BlindedHopInput[];
}

/**
 * Builds a blinded path. `padEncryptedData` makes the hops' data of one length; a dummy hop is a hop to the
 * recipient itself whose data names the recipient as the next node.
 *
 * @throws RangeError when there is no hop, the session key is none, a node id is no point, or data does not fit.
 * @see BOLT #4, Route Blinding
 */
export function buildBlindedPath(crypto: CryptoBackend, request: BuildBlindedPathRequest): BlindedPath {
  const { hops } = request;
  const [first] = hops;
  if (first === undefined) throw new RangeError('a blinded path has at least one hop');
  let secret = request.sessionKey;
  let pathKey = crypto.publicKey(secret);
  const firstPathKey = pathKey;
  const blinded = hops.map(({ nodeId, data }, i) => {
    const id = nodeIdBytes(nodeId);
    const sharedSecret = crypto.ecdh(id, secret);
    const blindedNodeId = sharedSecret && crypto.pointMultiply(id, blindedNodeTweak(crypto, sharedSecret));
    if (sharedSecret === undefined || blindedNodeId === undefined) {
      throw new RangeError(`hop ${i}: the node id is no point`);
    }
    const plain = data instanceof Uint8Array ? data : encodeEncryptedData(data);
    const rho = deriveKey(crypto, 'rho', sharedSecret);
    const encryptedRecipientData = crypto.aeadEncrypt(rho, zeroNonce, new Uint8Array(0), plain);
    if (i < hops.length - 1) {
      const next = crypto.scalarMultiply(secret, blindingFactor(crypto, pathKey, sharedSecret));
      if (next === undefined) throw new RangeError(`hop ${i}: the session key leads to no key, take another`);
      secret = next;
      pathKey = crypto.publicKey(secret);
    }
    return { blindedNodeId, encryptedRecipientData };
  });
  return { firstNode: { kind: 'node', nodeId: first.nodeId }, firstPathKey, hops: blinded };
}

/**
 * What a hop of a blinded path multiplies its key with: the `tweak` of `signer.ecdh(onionKey, tweak)`.
 *
 * @param sharedSecret - 32 bytes: ECDH of the path key and the node's key.
 * @see BOLT #4, Route Blinding
 */
export const blindedNodeTweak = (crypto: CryptoBackend, sharedSecret: Uint8Array): Uint8Array =>
  deriveKey(crypto, 'blindedNodeId', sharedSecret);

/** Why a hop cannot use what it was told; to be reported as `invalid_onion_blinding` or not at all. */
export interface BlindingError extends Complaint {
  readonly kind: 'blinding_undecryptable' | 'blinding_malformed' | 'blinding_invalid_path_key';
}

/** What `unblindHop` needs. */
export interface UnblindHopRequest {
  /** 33 bytes, from the message or the payload. */
  readonly pathKey: Uint8Array;
  /** 32 bytes: ECDH of the path key and the node's key. */
  readonly sharedSecret: Uint8Array;
  readonly encryptedRecipientData: Uint8Array;
}

/**
 * Decrypts what the creator of a blinded path tells this hop.
 *
 * @returns the data with bytes of its own.
 * @see BOLT #4, Route Blinding: the reader of the `encrypted_recipient_data`
 */
export function unblindHop(crypto: CryptoBackend, request: UnblindHopRequest): Result<EncryptedData, BlindingError> {
  const { sharedSecret, encryptedRecipientData } = request;
  const field = 'encryptedRecipientData';
  const rho = deriveKey(crypto, 'rho', sharedSecret);
  const plain = crypto.aeadDecrypt(rho, zeroNonce, new Uint8Array(0), encryptedRecipientData);
  if (plain === undefined) {
    const value = `${encryptedRecipientData.length} bytes`;
    return err({ kind: 'blinding_undecryptable', section, field, value, text: 'the tag does not match' });
  }
  const data = decodeEncryptedData(plain);
  if (data.ok) return data;
  const value = data.error.field;
  return err({ kind: 'blinding_malformed', section, field, value, text: data.error.message });
}

/**
 * The path key for the next hop: the override where there is one, else this one's blinded.
 *
 * @returns 33 bytes.
 * @see BOLT #4, Route Blinding
 */
export function nextPathKey(
  crypto: CryptoBackend,
  { pathKey, sharedSecret }: Omit<UnblindHopRequest, 'encryptedRecipientData'>,
  data: EncryptedData,
): Result<Uint8Array, BlindingError> {
  const { nextPathKeyOverride } = data;
  if (nextPathKeyOverride !== undefined) return ok(copyBytes(nextPathKeyOverride));
  const next = crypto.pointMultiply(pathKey, blindingFactor(crypto, pathKey, sharedSecret));
  if (next !== undefined) return ok(next);
  const complaint = { section, field: 'pathKey', value: toHex(pathKey), text: 'no point of secp256k1' };
  return err({ kind: 'blinding_invalid_path_key', ...complaint });
}

const introductionNode: FieldType<IntroductionNode> = {
  minSize: 9,
  isFixed: false,
  read: (reader) => {
    const start = reader.offset;
    const first = reader.u8();
    if (first < 2) return { kind: 'channel', direction: first as 0 | 1, shortChannelId: t.shortChannelId.read(reader) };
    if (first > 3) reader.fail({ kind: 'invalid_value', reason: `${first} begins no sciddir_or_pubkey` }, start);
    reader.offset = start;
    return { kind: 'node', nodeId: nodeIdOf(reader.view(33)) };
  },
  size: (value) => (value.kind === 'node' ? 33 : 9),
  write: (writer, value) => {
    if (value.kind === 'node') return t.point.write(writer, nodeIdBytes(value.nodeId));
    writer.u8(value.direction);
    t.shortChannelId.write(writer, value.shortChannelId);
  },
};

const layout = struct({
  firstNode: introductionNode,
  firstPathKey: t.point,
  hops: t.arrayU8(struct({ blindedNodeId: t.point, encryptedRecipientData: t.bytesU16 })),
});

/** BOLT #4, Route Blinding: `blinded_path` on the wire, as a field of a message or a TLV stream. */
export const blindedPathField: FieldType<BlindedPath> = {
  ...layout,
  read: (reader) => {
    const start = reader.offset;
    const path = layout.read(reader);
    if (path.hops.length === 0) reader.fail({ kind: 'invalid_value', reason: 'a blinded path without hops' }, start);
    return path;
  },
};
