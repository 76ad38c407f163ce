import { cltvDelta, err, msat, nodeId, ok, type Result, sat, shortChannelIdOf } from '@boltwright/base';
import { type GraphError, NetworkGraph } from '@boltwright/routing';
import type { LoadError } from './load-error.ts';

/** Columns of a direction, without the `_1` or `_2`. */
const policyColumns = [
  'enabled',
  'htlc_minimum_msat',
  'htlc_maximum_msat',
  'fee_base_msat',
  'fee_proportional_millionths',
  'cltv_expiry_delta',
] as const;
const updateTime = 1_770_000_000;

/**
 * A topology in two tables, as published for research: `nodes` has `node,node_id`; `channels` has
 * `channel,node_1,node_2,capacity_sat` and the policies of both directions, with nodes by their rows. What such tables
 * do not say is made up: short channel ids from the row, timestamps. Amounts are at most 2^53 - 1 msat.
 *
 * @returns Error `bad_csv`, with the file and the line, for what cannot be read or what the graph refuses.
 */
export function csvGraph(nodesCsv: string, channelsCsv: string): Result<NetworkGraph, LoadError> {
  const nodes = table('nodes', nodesCsv, ['node_id']);
  if (!nodes.ok) return nodes;
  const both = [1, 2].flatMap((end) => policyColumns.map((name) => `${name}_${end}`));
  const channels = table('channels', channelsCsv, ['node_1', 'node_2', 'capacity_sat', ...both]);
  if (!channels.ok) return channels;
  const graph = new NetworkGraph({ expectedChannels: channels.value.length, expectedNodes: nodes.value.length });
  for (const [row, cells] of channels.value.entries()) {
    const fault = addRow(graph, row, cells, nodes.value);
    if (fault !== undefined) return bad(`channels, line ${row + 2}: ${fault}`);
  }
  return ok(graph);
}

type Row = ReadonlyMap<string, string>;

function addRow(graph: NetworkGraph, row: number, cells: Row, nodes: readonly Row[]): string | undefined {
  const numbers = new Map<string, number>();
  for (const [name, text] of cells) {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) return `${name} is '${text.slice(0, 40)}', not a whole number`;
    numbers.set(name, value);
  }
  const ids = [1, 2].map((end) => nodes[numbers.get(`node_${end}`)!]?.get('node_id') ?? '');
  const wrong = ids.find((id) => !/^0[23][0-9a-f]{64}$/.test(id));
  if (wrong !== undefined) return `'${wrong.slice(0, 70)}' is no node id`;
  const shortChannelId = shortChannelIdOf(600_000 + Math.floor(row / 80) * 3, 1 + (((row % 80) * 37) % 3000), row % 2);
  const added = graph.addChannel({
    shortChannelId,
    nodeId1: nodeId(ids[0]!),
    nodeId2: nodeId(ids[1]!),
    capacitySat: sat(BigInt(numbers.get('capacity_sat')!)),
    receivedAt: updateTime,
  });
  if (!added.ok) return added.error.message;
  for (const direction of [0, 1] as const) {
    const at = (name: (typeof policyColumns)[number]) => numbers.get(`${name}_${direction + 1}`)!;
    // a direction without any terms was never announced
    if (at('htlc_maximum_msat') === 0 || at('htlc_minimum_msat') > at('htlc_maximum_msat')) continue;
    if (at('cltv_expiry_delta') > 0xffff) return `cltv_expiry_delta_${direction + 1} is above 65535`;
    for (const name of ['fee_base_msat', 'fee_proportional_millionths'] as const) {
      if (at(name) > 0xffff_ffff) return `${name}_${direction + 1} does not fit 32 bits`;
    }
    const updated: Result<void, GraphError> = graph.updateChannel(shortChannelId, direction, {
      timestamp: updateTime,
      disabled: at('enabled') !== 1,
      feeBaseMsat: at('fee_base_msat'),
      feeProportionalMillionths: at('fee_proportional_millionths'),
      cltvExpiryDelta: cltvDelta(at('cltv_expiry_delta')),
      htlcMinimumMsat: msat(BigInt(at('htlc_minimum_msat'))),
      htlcMaximumMsat: msat(BigInt(at('htlc_maximum_msat'))),
    });
    if (!updated.ok) return updated.error.message;
  }
  return undefined;
}

function table(file: string, text: string, columns: readonly string[]): Result<readonly Row[], LoadError> {
  const [head = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const names = head.split(',');
  const missing = columns.find((column) => !names.includes(column));
  if (missing !== undefined) return bad(`${file}: there is no column '${missing}'`);
  const rows: Row[] = [];
  for (const [i, line] of lines.entries()) {
    const cells = line.split(',');
    if (cells.length !== names.length) {
      return bad(`${file}, line ${i + 2}: ${cells.length} cells, where the head has ${names.length}`);
    }
    rows.push(new Map(columns.map((column) => [column, cells[names.indexOf(column)]!])));
  }
  return ok(rows);
}

const bad = (message: string): Result<never, LoadError> => err({ kind: 'bad_csv', message });
