import { fromHex, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { decodeMessage, encodeMessage } from '@boltwright/wire';
import { ldk, peer } from './peers.ts';
import type { Bench, BenchRow } from './report.ts';
import { type Contestant, sideBySide } from './side-by-side.ts';

const points = [1, 2, 3, 4].map((byte) => noble.publicKey(new Uint8Array(32).fill(byte)));
const signature = noble.sign(noble.sha256(new Uint8Array(1)), new Uint8Array(32).fill(1));
const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);
const chain = fromHex('6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000');
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const zeros = (length: number): Uint8Array => new Uint8Array(length);
const shortChannelId = fromHex('0a00000100000200').subarray(0, 8);

/** Messages as they are on the network, by BOLT 2 and 7. */
const samples: Readonly<Record<string, Uint8Array>> = {
  channel_announcement: joined(
    u16(256),
    ...Array.from({ length: 4 }, () => signature),
    u16(0),
    chain,
    shortChannelId,
    ...points,
  ),
  node_announcement: joined(
    u16(257),
    signature,
    u16(8),
    fromHex('800000000002aaa2'),
    fromHex('65000000'),
    points[0]!,
    fromHex('112233'),
    zeros(32),
    u16(7),
    fromHex('017f0000012607'),
  ),
  channel_update: joined(
    u16(258),
    signature,
    chain,
    shortChannelId,
    fromHex('65000000'),
    fromHex('0100'),
    u16(40),
    fromHex('00000000000003e8'),
    fromHex('000003e8'),
    fromHex('00000064'),
    fromHex('000000003b9aca00'),
  ),
  update_add_htlc: joined(
    u16(128),
    zeros(32).fill(1),
    fromHex('0000000000000005'),
    fromHex('00000000000186a0'),
    zeros(32).fill(2),
    fromHex('000c3500'),
    zeros(1),
    points[1]!,
    zeros(1300),
    zeros(32),
  ),
  commitment_signed: joined(
    u16(132),
    zeros(32).fill(1),
    signature,
    u16(10),
    ...Array.from({ length: 10 }, () => signature),
  ),
};

interface NodeLightningMessage {
  serialize(): Uint8Array;
}
interface NodeLightningWire {
  readonly ChannelAnnouncementMessage: { deserialize(payload: Buffer): NodeLightningMessage };
  readonly ChannelUpdateMessage: { deserialize(payload: Buffer): NodeLightningMessage };
  readonly NodeAnnouncementMessage: { deserialize(payload: Buffer): NodeLightningMessage };
}

/** Messages decoded and encoded, beside LDK and @node-lightning/wire. */
export const bench: Bench = async () => {
  const notes = [
    'LDK is called over its JavaScript bindings, which copy into and out of WebAssembly; that is what one would use.',
    'Ours reads keys and signatures as bytes and checks them when they are used; LDK checks a channel message’s at once.',
  ];
  const rows: BenchRow[] = [];
  const lightning = await ldk();
  const readers: Readonly<Record<string, { constructor_read(bytes: Uint8Array): { is_ok(): boolean } }>> = {
    channel_announcement: lightning.ChannelAnnouncement,
    node_announcement: lightning.NodeAnnouncement,
    channel_update: lightning.ChannelUpdate,
    update_add_htlc: lightning.UpdateAddHTLC,
    commitment_signed: lightning.CommitmentSigned,
  };
  const other = await peer<NodeLightningWire>('@node-lightning/wire', notes);
  const others: Readonly<Record<string, NodeLightningWire[keyof NodeLightningWire] | undefined>> = {
    channel_announcement: other?.ChannelAnnouncementMessage,
    node_announcement: other?.NodeAnnouncementMessage,
    channel_update: other?.ChannelUpdateMessage,
  };
  for (const [name, bytes] of Object.entries(samples)) {
    const message = unwrap(decodeMessage(bytes));
    if (message.type !== name) throw new Error(`${name} decoded as ${message.type}`);
    const body = bytes.subarray(2);
    const reader = readers[name]!;
    if (!reader.constructor_read(body).is_ok()) throw new Error(`LDK does not read ${name}`);
    const read = reader.constructor_read(body) as unknown as { readonly res: { write(): Uint8Array } };
    const deserializer = others[name];
    const buffer = Buffer.from(bytes);
    const decoders: Contestant[] = [{ name: 'LDK', run: () => reader.constructor_read(body) }];
    const encoders: Contestant[] = [{ name: 'LDK', run: () => read.res.write() }];
    if (deserializer !== undefined) {
      const theirs = deserializer.deserialize(buffer);
      decoders.push({ name: 'node-lightning', run: () => deserializer.deserialize(buffer) });
      encoders.push({ name: 'node-lightning', run: () => theirs.serialize() });
    }
    const decode = { name: 'ours', run: () => decodeMessage(bytes) };
    const encode = { name: 'ours', run: () => encodeMessage(message) };
    rows.push(...sideBySide({ name: `decode ${name}`, unit: 'ops/s', ours: decode, peers: decoders }));
    rows.push(...sideBySide({ name: `encode ${name}`, unit: 'ops/s', ours: encode, peers: encoders }));
  }
  return { rows, notes };
};
