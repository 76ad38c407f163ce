import {
  type ChainHash,
  chainHash,
  compareBytes,
  concatBytes,
  type Msat,
  msat,
  type NodeId,
  nodeIdOf,
  type Sat,
  type ShortChannelId,
  sat,
  shortChannelIdOf,
} from '@boltwright/base';
import { type CryptoBackend, noble } from '@boltwright/crypto';
import {
  type ChannelAnnouncement,
  type ChannelUpdate,
  channelAnnouncement,
  channelUpdate,
  type NodeAnnouncement,
  nodeAnnouncement,
  signedPart,
} from '@boltwright/wire';
import { fundingOutputScript } from '../../../src/gossip/funding-script.ts';

export const mainnet: ChainHash = chainHash('6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000');
/** Seconds since 1970 in these tests. */
export const now = 1_700_000_000;
/** The best block in these tests. */
export const bestHeight = 800_000;

/** A message and its bytes. */
export interface Made<M> {
  readonly message: M;
  readonly raw: Uint8Array;
}

export interface Identity {
  readonly secret: Uint8Array;
  readonly point: Uint8Array;
  readonly id: NodeId;
}

/** The key number `n` of these tests. */
export function identity(n: number, crypto: CryptoBackend = noble): Identity {
  const secret = crypto.sha256(Uint8Array.of(n & 255, (n >> 8) & 255, (n >> 16) & 255, 7));
  const point = crypto.publicKey(secret);
  return { secret, point, id: nodeIdOf(point) };
}

/** Two nodes and the keys of the output between them, in the order that announcements have. */
export interface MadeChannel {
  readonly id: ShortChannelId;
  readonly nodes: readonly [Identity, Identity];
  readonly fundingKeys: readonly [Identity, Identity];
  readonly capacity: Sat;
  /** The output's script. */
  readonly script: Uint8Array;
}

export function madeChannel(
  block: number,
  one: Identity,
  two: Identity,
  capacity = 1_000_000n,
  crypto: CryptoBackend = noble,
): MadeChannel {
  const nodes = compareBytes(one.point, two.point) < 0 ? ([one, two] as const) : ([two, one] as const);
  const fundingKeys = [identity(1_000_000 + 2 * block, crypto), identity(1_000_001 + 2 * block, crypto)] as const;
  const script = fundingOutputScript(crypto, fundingKeys[0].point, fundingKeys[1].point);
  return { id: shortChannelIdOf(block, 1, 0), nodes, fundingKeys, capacity: sat(capacity), script };
}

const noSignature = new Uint8Array(64);

export function announcementOf(
  channel: MadeChannel,
  changes: Partial<ChannelAnnouncement> = {},
  crypto: CryptoBackend = noble,
): Made<ChannelAnnouncement> {
  const { id, nodes, fundingKeys } = channel;
  const unsigned: ChannelAnnouncement = {
    type: 'channel_announcement',
    nodeSignature1: noSignature,
    nodeSignature2: noSignature,
    bitcoinSignature1: noSignature,
    bitcoinSignature2: noSignature,
    features: new Uint8Array(0),
    chainHash: mainnet,
    shortChannelId: id,
    nodeId1: nodes[0].point,
    nodeId2: nodes[1].point,
    bitcoinKey1: fundingKeys[0].point,
    bitcoinKey2: fundingKeys[1].point,
    ...changes,
  };
  const hash = crypto.hash256(signedPart(channelAnnouncement.encode(unsigned)));
  const message = {
    ...unsigned,
    nodeSignature1: changes.nodeSignature1 ?? crypto.sign(hash, nodes[0].secret),
    nodeSignature2: changes.nodeSignature2 ?? crypto.sign(hash, nodes[1].secret),
    bitcoinSignature1: changes.bitcoinSignature1 ?? crypto.sign(hash, fundingKeys[0].secret),
    bitcoinSignature2: changes.bitcoinSignature2 ?? crypto.sign(hash, fundingKeys[1].secret),
  };
  return { message, raw: channelAnnouncement.encode(message) };
}

export function updateOf(
  channel: MadeChannel,
  direction: 0 | 1,
  changes: Partial<ChannelUpdate> = {},
  crypto: CryptoBackend = noble,
): Made<ChannelUpdate> {
  const unsigned: ChannelUpdate = {
    type: 'channel_update',
    signature: noSignature,
    chainHash: mainnet,
    shortChannelId: channel.id,
    timestamp: now - 7200,
    messageFlags: 1,
    channelFlags: direction,
    cltvExpiryDelta: 40 as ChannelUpdate['cltvExpiryDelta'],
    htlcMinimumMsat: msat(1000n),
    feeBaseMsat: 1000,
    feeProportionalMillionths: 100,
    htlcMaximumMsat: (channel.capacity * 1000n) as Msat,
    ...changes,
  };
  const hash = crypto.hash256(signedPart(channelUpdate.encode(unsigned)));
  const signature = changes.signature ?? crypto.sign(hash, channel.nodes[direction].secret);
  const message = { ...unsigned, signature };
  return { message, raw: channelUpdate.encode(message) };
}

export function nodeAnnouncementOf(
  node: Identity,
  changes: Partial<NodeAnnouncement> = {},
  crypto: CryptoBackend = noble,
): Made<NodeAnnouncement> {
  const unsigned: NodeAnnouncement = {
    type: 'node_announcement',
    signature: noSignature,
    features: new Uint8Array(0),
    timestamp: now - 7200,
    nodeId: node.point,
    rgbColor: Uint8Array.of(1, 2, 3),
    alias: new Uint8Array(32),
    addresses: new Uint8Array(0),
    ...changes,
  };
  const hash = crypto.hash256(signedPart(nodeAnnouncement.encode(unsigned)));
  const message = { ...unsigned, signature: changes.signature ?? crypto.sign(hash, node.secret) };
  return { message, raw: nodeAnnouncement.encode(message) };
}

/** A transaction with one input that shows the witness script of a channel's output, as its close does. */
export function closingTransaction(channel: MadeChannel): Uint8Array {
  const keys = channel.fundingKeys.map(({ point }) => point).sort(compareBytes);
  const script = concatBytes(Uint8Array.of(0x52, 33), keys[0]!, Uint8Array.of(33), keys[1]!, Uint8Array.of(0x52, 0xae));
  const input = concatBytes(new Uint8Array(36), Uint8Array.of(0, 255, 255, 255, 255));
  const output = concatBytes(new Uint8Array(8), Uint8Array.of(2, 0x51, 0x20));
  const signature = new Uint8Array(71).fill(0x30);
  const witness = concatBytes(
    Uint8Array.of(4, 0, 71),
    signature,
    Uint8Array.of(71),
    signature,
    Uint8Array.of(71),
    script,
  );
  return concatBytes(Uint8Array.of(2, 0, 0, 0, 0, 1, 1), input, Uint8Array.of(1), output, witness, new Uint8Array(4));
}
