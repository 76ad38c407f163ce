import type { ByteSink, ByteSource } from './byte-stream.ts';
import { StreamFailure } from './byte-stream.ts';
import type { ChannelTable } from './channel-table.ts';
import { largestAmount } from './channel-table.ts';

// One byte says which of the usual values a policy has; what is not usual follows. On mainnet that takes a policy from
// 28 bytes to about 9.
const usualBases = [0, 1000];
const usualMinima = [0, 1, 1000];
const usualDeltas = [40, 80, 144];
/** Maxima as thousandths of the capacity. */
const usualMaxima = [1000, 990];
const explicitSat = 2;
const explicitMsat = 3;

const choose = (usual: readonly number[], value: number): number => {
  const found = usual.indexOf(value);
  return found < 0 ? usual.length : found;
};

function maximumChoice(maximum: number, capacity: number): number {
  const found = capacity === 0 ? -1 : usualMaxima.findIndex((share) => maximum === share * capacity);
  if (found >= 0) return found;
  return maximum % 1000 === 0 ? explicitSat : explicitMsat;
}

/** @param newest - The newest timestamp of all: the others are told by how much older they are. */
export function writePolicy(sink: ByteSink, table: ChannelTable, edge: number, newest: number): void {
  const maximum = table.htlcMaximum[edge]!;
  const base = choose(usualBases, table.feeBase[edge]!);
  const minimum = choose(usualMinima, table.htlcMinimum[edge]!);
  const delta = choose(usualDeltas, table.cltvDelta[edge]!);
  const maximumKind = maximumChoice(maximum, table.capacity[edge >> 1]!);
  sink.byte(base | (minimum << 2) | (delta << 4) | (maximumKind << 6));
  if (base === usualBases.length) sink.number(table.feeBase[edge]!);
  sink.number(table.feeProportional[edge]!);
  if (minimum === usualMinima.length) sink.number(table.htlcMinimum[edge]!);
  if (delta === usualDeltas.length) sink.number(table.cltvDelta[edge]!);
  if (maximumKind === explicitSat) sink.number(maximum / 1000);
  if (maximumKind === explicitMsat) sink.number(maximum);
  sink.number(newest - table.timestamp[edge]!);
}

export function readPolicy(source: ByteSource, table: ChannelTable, edge: number, newest: number): void {
  const capacity = table.capacity[edge >> 1]!;
  const kinds = source.byte();
  const base = kinds & 3;
  const minimum = (kinds >> 2) & 3;
  const delta = (kinds >> 4) & 3;
  const maximumKind = kinds >> 6;
  if (base > usualBases.length) throw new StreamFailure(`unknown fee base before byte ${source.at}`);
  table.feeBase[edge] = usualBases[base] ?? source.number(0xffff_ffff);
  table.feeProportional[edge] = source.number(0xffff_ffff);
  const htlcMinimum = usualMinima[minimum] ?? source.number(largestAmount);
  table.cltvDelta[edge] = usualDeltas[delta] ?? source.number(0xffff);
  const share = usualMaxima[maximumKind];
  let htlcMaximum: number;
  if (share !== undefined) htlcMaximum = share * capacity;
  else if (maximumKind === explicitSat) htlcMaximum = 1000 * source.number(largestAmount / 1000);
  else htlcMaximum = source.number(largestAmount);
  const age = source.number(newest);
  if (htlcMaximum === 0 || htlcMinimum > htlcMaximum || (capacity > 0 && htlcMaximum > capacity * 1000)) {
    throw new StreamFailure(`limits of ${htlcMinimum} to ${htlcMaximum} msat before byte ${source.at}`);
  }
  if (age === newest) throw new StreamFailure(`a timestamp of 0 before byte ${source.at}`);
  table.htlcMinimum[edge] = htlcMinimum;
  table.htlcMaximum[edge] = htlcMaximum;
  table.timestamp[edge] = newest - age;
}
