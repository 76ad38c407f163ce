import { compareBytes, copyBytes, err, ok, type Result } from '@boltwright/base';
import { crc32c } from '@boltwright/wire';
import { ByteSink, ByteSource, StreamFailure } from './byte-stream.ts';
import { flagDisabled, flagKnown, largestAmount } from './channel-table.ts';
import { NetworkGraph, type NetworkGraphOptions } from './network-graph.ts';
import { readPolicy, writePolicy } from './policy-codec.ts';

/** Why bytes are no snapshot; no graph was made of them. */
export interface SnapshotError {
  readonly kind: 'not_a_snapshot' | 'unknown_version' | 'bad_checksum' | 'malformed' | 'too_large';
  readonly message: string;
}

/** What goes into a snapshot. */
export interface SnapshotOptions {
  /** Whether what nodes announced about themselves goes along; true by default. */
  readonly announcements?: boolean;
}

const magic = Uint8Array.of(0x42, 0x57, 0x4e, 0x47); // 'BWNG'
const version = 1;
const keyLength = 33;
const hasFeatures = 16;
const maxFeaturesLength = 1024;
const maxAddressesLength = 8192;

/**
 * The graph as bytes: magic, version, counts; node ids, those with most channels first, so that most mentions of a node
 * take one byte or two; channels by rising id, each told by what differs; what nodes announced; CRC32C of all before.
 */
export function writeSnapshot(graph: NetworkGraph, options: SnapshotOptions = {}): Uint8Array {
  const { channelTable, nodeTable } = graph;
  const nodes = rows(nodeTable.length, (row) => nodeTable.has(row)).sort(
    (a, b) => nodeTable.listLength[b]! - nodeTable.listLength[a]! || a - b,
  );
  const numberOf = new Int32Array(nodeTable.length);
  nodes.forEach((row, number) => {
    numberOf[row] = number;
  });
  const channels = rows(channelTable.length, (row) => channelTable.has(row)).sort(
    (a, b) =>
      channelTable.scidHigh[a]! - channelTable.scidHigh[b]! || channelTable.scidLow[a]! - channelTable.scidLow[b]!,
  );
  const newest = channelTable.timestamp.reduce((most, time) => Math.max(most, time), 0);
  const sink = new ByteSink(keyLength * nodes.length + 40 * channels.length);
  sink.raw(magic);
  sink.byte(version);
  sink.number(nodes.length);
  sink.number(channels.length);
  sink.number(newest);
  const vectors = graph.featureVectors;
  sink.number(vectors.length);
  for (const vector of vectors) sink.sized(vector);
  for (const row of nodes) sink.raw(nodeTable.key(row));

  let before: ChannelNumbers = { block: 0, transaction: 0, output: 0 };
  let added = 0;
  for (const row of channels) {
    const flags = [channelTable.flags[2 * row]!, channelTable.flags[2 * row + 1]!] as const;
    const features = channelTable.features[row]!;
    sink.byte(flags[0] | (flags[1] << 2) | (features === 0 ? 0 : hasFeatures));
    before = writeId(sink, channelTable.scidHigh[row]!, channelTable.scidLow[row]!, before);
    sink.number(numberOf[channelTable.ends[2 * row]!]!);
    sink.number(numberOf[channelTable.ends[2 * row + 1]!]!);
    sink.number(channelTable.capacity[row]!);
    if (features !== 0) sink.number(features);
    const time = channelTable.addedAt[row]!;
    // zigzag: most channels came with the one before
    sink.number(time >= added ? 2 * (time - added) : 2 * (added - time) - 1);
    added = time;
    for (const edge of [2 * row, 2 * row + 1]) {
      if ((channelTable.flags[edge]! & flagKnown) !== 0) writePolicy(sink, channelTable, edge, newest);
    }
  }
  const announced = options.announcements === false ? [] : [...nodeTable.announcements];
  sink.number(announced.length);
  for (const [row, { timestamp, features, rgbColor, alias, addresses }] of announced) {
    sink.number(numberOf[row]!);
    sink.number(timestamp);
    sink.sized(features);
    sink.raw(rgbColor);
    sink.raw(alias);
    sink.sized(addresses);
  }
  const checksum = crc32c(sink.written());
  for (const shift of [24, 16, 8, 0]) sink.byte((checksum >>> shift) & 0xff);
  return copyBytes(sink.written());
}

/**
 * The graph of a snapshot, with no more room than it takes; it grows again when it has to.
 *
 * Everything is checked: bytes that {@link writeSnapshot} did not write are refused, also where the checksum is right.
 */
export function readSnapshot(
  bytes: Uint8Array,
  options: NetworkGraphOptions = {},
): Result<NetworkGraph, SnapshotError> {
  const refuse = (kind: SnapshotError['kind'], message: string) => err({ kind, message });
  if (bytes.length < 9 || compareBytes(bytes.subarray(0, 4), magic) !== 0) {
    return refuse('not_a_snapshot', 'the bytes begin otherwise');
  }
  if (bytes[4] !== version) return refuse('unknown_version', `version ${bytes[4]}, ${version} is known`);
  const body = bytes.subarray(0, bytes.length - 4);
  const checksum = bytes.subarray(bytes.length - 4).reduce((sum, byte) => sum * 256 + byte, 0);
  if (crc32c(body) !== checksum) return refuse('bad_checksum', 'the bytes were cut off or altered');
  try {
    const graph = readBody(new ByteSource(body.subarray(5)), options);
    return graph === undefined ? refuse('too_large', 'more than this graph may hold') : ok(graph);
  } catch (failure) {
    if (!(failure instanceof StreamFailure)) throw failure;
    return refuse('malformed', failure.reason);
  }
}

function readBody(source: ByteSource, options: NetworkGraphOptions): NetworkGraph | undefined {
  // each takes more bytes than one, so that a made count cannot ask for more memory than was sent
  const nodeCount = source.number(source.left);
  const channelCount = source.number(source.left);
  const newest = source.number(0xffff_ffff);
  const expected = { expectedNodes: nodeCount, expectedChannels: channelCount };
  if (channelCount > (options.maxChannels ?? Number.POSITIVE_INFINITY)) return undefined;
  if (nodeCount > (options.maxNodes ?? Number.POSITIVE_INFINITY)) return undefined;
  const graph = new NetworkGraph({ ...options, ...expected });
  const vectorCount = source.number(0xffff);
  for (let i = 0; i < vectorCount; i++) graph.addFeatureVector(source.sized(maxFeaturesLength));
  if (graph.featureVectors.length !== vectorCount) throw new StreamFailure('feature vectors repeat');
  const { nodeTable, channelTable } = graph;
  if (nodeCount * keyLength > source.left) throw new StreamFailure('cut off within the nodes');
  for (let row = 0; row < nodeCount; row++) {
    const key = source.raw(keyLength);
    if ((key[0] !== 2 && key[0] !== 3) || nodeTable.find(key) >= 0)
      throw new StreamFailure(`node ${row} is no new key`);
    if (nodeTable.add(key) < 0) return undefined;
  }
  readChannels(source, graph, channelCount, newest);
  graph.linkNodes();
  for (let row = 0; row < nodeCount; row++) {
    if (nodeTable.listLength[row] === 0) throw new StreamFailure(`node ${row} has no channel`);
  }
  readAnnouncements(source, graph);
  if (source.left > 0) throw new StreamFailure(`${source.left} bytes too many`);
  graph.version = channelTable.count;
  return graph;
}

function readChannels(source: ByteSource, graph: NetworkGraph, count: number, newest: number): void {
  const { nodeTable, channelTable } = graph;
  let before: ChannelNumbers = { block: 0, transaction: 0, output: 0 };
  let added = 0;
  for (let i = 0; i < count; i++) {
    const flags = source.byte();
    const id = readId(source, before);
    if (!isAfter(id, before)) throw new StreamFailure(`channel ${i} is not after the one before`);
    before = id;
    const node1 = source.number(nodeTable.count - 1);
    const node2 = source.number(nodeTable.count - 1);
    if (compareBytes(nodeTable.key(node1), nodeTable.key(node2)) >= 0) throw new StreamFailure(`channel ${i}: nodes`);
    const high = id.block * 0x100 + (id.transaction >>> 16);
    const low = (id.transaction & 0xffff) * 0x1_0000 + id.output;
    if (channelTable.isFull) throw new StreamFailure('more channels than this graph may hold');
    const row = channelTable.add(high, low, node1, node2);
    channelTable.capacity[row] = source.number(largestAmount / 1000);
    if ((flags & hasFeatures) !== 0) channelTable.features[row] = source.number(graph.featureVectors.length - 1);
    const step = source.number(2 ** 33);
    added += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    if (added < 0 || added > 0xffff_ffff) throw new StreamFailure(`channel ${i}: time`);
    channelTable.addedAt[row] = added;
    for (const direction of [0, 1]) {
      const known = (flags >> (2 * direction)) & (flagKnown | flagDisabled);
      if (known === flagDisabled || flags >= 2 * hasFeatures) throw new StreamFailure(`channel ${i}: flags ${flags}`);
      channelTable.flags[2 * row + direction] = known;
      if (known !== 0) readPolicy(source, channelTable, 2 * row + direction, newest);
    }
  }
}

function readAnnouncements(source: ByteSource, graph: NetworkGraph): void {
  const count = source.number(graph.nodeTable.count);
  for (let i = 0; i < count; i++) {
    const row = source.number(graph.nodeTable.count - 1);
    if (graph.nodeTable.announcements.has(row)) throw new StreamFailure(`node ${row} is announced twice`);
    graph.nodeTable.announcements.set(row, {
      timestamp: source.number(0xffff_ffff),
      features: copyBytes(source.sized(maxFeaturesLength)),
      rgbColor: copyBytes(source.raw(3)),
      alias: copyBytes(source.raw(32)),
      addresses: copyBytes(source.sized(maxAddressesLength)),
    });
  }
}

interface ChannelNumbers {
  readonly block: number;
  readonly transaction: number;
  readonly output: number;
}

const isAfter = (a: ChannelNumbers, b: ChannelNumbers): boolean =>
  a.block !== b.block
    ? a.block > b.block
    : a.transaction !== b.transaction
      ? a.transaction > b.transaction
      : a.output > b.output;

function writeId(sink: ByteSink, high: number, low: number, before: ChannelNumbers): ChannelNumbers {
  const block = high >>> 8;
  const transaction = ((high & 0xff) << 16) | (low >>> 16);
  const output = low & 0xffff;
  sink.number(block - before.block);
  sink.number(block === before.block ? transaction - before.transaction : transaction);
  sink.number(output);
  return { block, transaction, output };
}

function readId(source: ByteSource, before: ChannelNumbers): ChannelNumbers {
  const block = before.block + source.number(0xff_ffff);
  const transaction = source.number(0xff_ffff) + (block === before.block ? before.transaction : 0);
  const output = source.number(0xffff);
  if (block > 0xff_ffff || transaction > 0xff_ffff) throw new StreamFailure(`channel id before byte ${source.at}`);
  return { block, transaction, output };
}

function rows(length: number, has: (row: number) => boolean): number[] {
  const found: number[] = [];
  for (let row = 0; row < length; row++) if (has(row)) found.push(row);
  return found;
}
