import { fromHex, type NodeId, nodeIdOf } from '@boltwright/base';
import { grownCapacity, resized } from './columns.ts';
import { mix, OpenTable } from './open-table.ts';

/** What a `node_announcement` says, apart from the hot columns. */
export interface NodeAnnouncementInfo {
  readonly timestamp: number;
  readonly features: Uint8Array;
  /** 3 bytes. */
  readonly rgbColor: Uint8Array;
  /** 32 bytes. */
  readonly alias: Uint8Array;
  /** As they stand in the message; `decodeNodeAddresses` of `wire` reads them. */
  readonly addresses: Uint8Array;
}

const keyLength = 33;

/** Columns of the graph's nodes, and the lists of each node's incoming directed channels. */
export class NodeTable {
  /** Rows in use, freed ones included. */
  length = 0;
  count = 0;
  keys = new Uint8Array(0);
  /** Where the list of a node's incoming edges begins in {@link NodeTable.pool}, in entries. */
  listStart = new Int32Array(0);
  listLength = new Int32Array(0);
  /** The first of them, those that can be used, come first. */
  listActive = new Int32Array(0);
  listRoom = new Int32Array(0);
  /** Two numbers an entry: the edge, the node that it comes from. */
  pool = new Int32Array(0);
  readonly announcements = new Map<number, NodeAnnouncementInfo>();
  #poolLength = 0;
  #poolWaste = 0;
  readonly #free: number[] = [];
  readonly #index: NodeIndex;
  readonly #limit: number;

  constructor(seed: number, limit: number, expected = 0) {
    this.#limit = limit;
    this.#resize(Math.min(expected, limit));
    this.#index = new NodeIndex(this, seed, expected);
  }

  get byteLength(): number {
    const { keys, listStart, pool } = this;
    return keys.byteLength + 4 * listStart.byteLength + pool.byteLength + this.#index.byteLength;
  }

  /** Row of a 33-byte key; -1 where there is none. */
  find(key: Uint8Array): number {
    return this.#index.find(key);
  }

  findId(id: NodeId): number {
    return this.#index.find(fromHex(id));
  }

  /** Row of a new node; -1 where the table is full. */
  add(key: Uint8Array): number {
    if (this.count >= this.#limit) return -1;
    const row = this.#free.pop() ?? this.length++;
    if (row >= this.listStart.length) this.#resize(grownCapacity(row, this.#limit));
    this.keys.set(key, row * keyLength);
    this.listLength[row] = 0;
    this.listActive[row] = 0;
    this.listRoom[row] = 0;
    this.#index.insert(row);
    this.count++;
    return row;
  }

  remove(row: number): void {
    this.#index.remove(row);
    this.announcements.delete(row);
    this.#poolWaste += this.listRoom[row]!;
    this.listRoom[row] = 0;
    this.keys.fill(0, row * keyLength, (row + 1) * keyLength);
    this.#free.push(row);
    this.count--;
  }

  key(row: number): Uint8Array {
    return this.keys.subarray(row * keyLength, (row + 1) * keyLength);
  }

  id(row: number): NodeId {
    return nodeIdOf(this.key(row));
  }

  /** False for a row that was freed: no public key begins with 0. */
  has(row: number): boolean {
    return row >= 0 && row < this.length && this.keys[row * keyLength] !== 0;
  }

  addEdge(node: number, edge: number, from: number): void {
    if (this.listLength[node] === this.listRoom[node]) {
      this.#moveList(node, this.listLength[node]! + (this.listLength[node]! >>> 2) + 1);
    }
    const at = 2 * (this.listStart[node]! + this.listLength[node]!++);
    this.pool[at] = edge;
    this.pool[at + 1] = from;
  }

  removeEdge(node: number, edge: number): void {
    this.setActive(node, edge, false);
    const position = this.#position(node, edge);
    if (position < 0) return;
    this.#swap(node, position, --this.listLength[node]!);
  }

  setActive(node: number, edge: number, active: boolean): void {
    const position = this.#position(node, edge);
    if (position < 0 || active === position < this.listActive[node]!) return;
    if (active) this.#swap(node, position, this.listActive[node]!++);
    else this.#swap(node, position, --this.listActive[node]!);
  }

  /** Gives each list exactly the room that it takes, as after a load. */
  compact(): void {
    this.#resize(this.length);
    this.#pack(0);
  }

  /** Room for every list, known beforehand. */
  reserveLists(lengths: Int32Array): void {
    let total = 0;
    for (let row = 0; row < this.length; row++) {
      this.listStart[row] = total;
      this.listRoom[row] = lengths[row]!;
      total += lengths[row]!;
    }
    this.pool = new Int32Array(2 * total);
    this.#poolLength = total;
    this.#poolWaste = 0;
  }

  #position(node: number, edge: number): number {
    const { pool } = this;
    const start = this.listStart[node]!;
    const length = this.listLength[node]!;
    for (let i = 0; i < length; i++) if (pool[2 * (start + i)] === edge) return i;
    return -1;
  }

  #swap(node: number, a: number, b: number): void {
    if (a === b) return;
    const { pool } = this;
    const first = 2 * (this.listStart[node]! + a);
    const second = 2 * (this.listStart[node]! + b);
    for (let i = 0; i < 2; i++) {
      const kept = pool[first + i]!;
      pool[first + i] = pool[second + i]!;
      pool[second + i] = kept;
    }
  }

  #moveList(node: number, room: number): void {
    if (2 * (this.#poolLength + room) > this.pool.length) {
      if (this.#poolWaste * 4 > this.#poolLength) this.#pack(room);
      if (2 * (this.#poolLength + room) > this.pool.length) {
        const entries = this.#poolLength + room;
        this.pool = resized(this.pool, 2 * Math.max(256, entries + (entries >>> 2)));
      }
    }
    const start = this.listStart[node]!;
    this.pool.copyWithin(2 * this.#poolLength, 2 * start, 2 * (start + this.listLength[node]!));
    this.#poolWaste += this.listRoom[node]!;
    this.listStart[node] = this.#poolLength;
    this.listRoom[node] = room;
    this.#poolLength += room;
  }

  /** Closes the holes that moved lists left, with an eighth of spare room for what comes. */
  #pack(spare: number): void {
    const entries = this.listLength.subarray(0, this.length).reduce((sum, length) => sum + length, 0);
    const room = spare === 0 ? entries : entries + (entries >>> 3) + spare;
    const pool = new Int32Array(2 * room);
    let at = 0;
    for (let row = 0; row < this.length; row++) {
      if (!this.has(row)) continue;
      const start = this.listStart[row]!;
      const length = this.listLength[row]!;
      pool.set(this.pool.subarray(2 * start, 2 * (start + length)), 2 * at);
      this.listStart[row] = at;
      this.listRoom[row] = length;
      at += length;
    }
    this.pool = pool;
    this.#poolLength = at;
    this.#poolWaste = 0;
  }

  #resize(rows: number): void {
    this.keys = resized(this.keys, rows * keyLength);
    this.listStart = resized(this.listStart, rows);
    this.listLength = resized(this.listLength, rows);
    this.listActive = resized(this.listActive, rows);
    this.listRoom = resized(this.listRoom, rows);
  }
}

class NodeIndex extends OpenTable {
  readonly #table: NodeTable;

  constructor(table: NodeTable, seed: number, expected: number) {
    super(seed, expected);
    this.#table = table;
  }

  find(key: Uint8Array): number {
    if (key.length !== keyLength) return -1;
    const { keys } = this.#table;
    let slot = hashKey(key, 0, this.seed) & this.mask;
    for (;;) {
      const entry = this.slots[slot]!;
      if (entry === 0) return -1;
      const start = (entry - 1) * keyLength;
      let same = 0;
      while (same < keyLength && keys[start + same] === key[same]) same++;
      if (same === keyLength) return entry - 1;
      slot = (slot + 1) & this.mask;
    }
  }

  protected override hashOfRow(row: number): number {
    return hashKey(this.#table.keys, row * keyLength, this.seed);
  }
}

/** All 33 bytes count: the x coordinate's first ones alone could be ground. */
function hashKey(bytes: Uint8Array, start: number, seed: number): number {
  let hash = mix(seed, bytes[start]!);
  for (let i = start + 1; i < start + keyLength; i += 4) {
    hash = mix(hash, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
  return hash;
}
