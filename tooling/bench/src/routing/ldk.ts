import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cltvDelta, concatBytes, fromHex, msat, type NodeId, nodeIdOf, shortChannelId } from '@boltwright/base';
import type { Path } from '@boltwright/interfaces';
import {
  ChannelFeatures,
  initializeWasmFromBinary,
  Logger,
  NetworkGraph,
  PaymentParameters,
  ProbabilisticScorer,
  ProbabilisticScoringDecayParameters,
  ProbabilisticScoringFeeParameters,
  Result_NetworkGraphDecodeErrorZ_OK,
  Result_RouteLightningErrorZ_OK,
  RouteParameters,
  UnsignedChannelUpdate,
  UtilMethods,
} from 'lightningdevkit';
import { isKnown, scidOf, timestampOf } from './our-graph.ts';
import type { Topology, TopologyPolicy } from './topology.ts';

const bitcoin = fromHex('6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000');

export async function loadLdk(): Promise<void> {
  const folder = dirname(createRequire(import.meta.url).resolve('lightningdevkit/package.json'));
  await initializeWasmFromBinary(new Uint8Array(readFileSync(join(folder, 'liblightningjs.wasm'))));
}

const quiet = () => Logger.new_impl({ log: () => {} });

// ---- LDK's stored form of a graph: what its `NetworkGraph.read` takes, capacities included ------------------------

const u = (value: number | bigint, length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  let rest = BigInt(value);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
};

const bigSize = (value: number): Uint8Array => (value < 0xfd ? u(value, 1) : concatBytes(u(0xfd, 1), u(value, 2)));

const record = (type: number, value: Uint8Array) => concatBytes(bigSize(type), bigSize(value.length), value);

function prefixed(...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...parts);
  return concatBytes(body.length < 0xfd ? u(body.length, 1) : longLength(body.length), body);
}

const longLength = (length: number): Uint8Array =>
  length <= 0xffff ? concatBytes(u(0xfd, 1), u(length, 2)) : concatBytes(u(0xfe, 1), u(length, 4));

const none = u(0, 1);
const some = (value: Uint8Array): Uint8Array => concatBytes(bigSize(value.length + 1), value);

function storedPolicy(policy: TopologyPolicy, timestamp: number): Uint8Array {
  if (!isKnown(policy)) return none;
  return some(
    prefixed(
      record(0, u(timestamp, 4)),
      record(2, u(policy.enabled ? 1 : 0, 1)),
      record(4, u(policy.cltvExpiryDelta, 2)),
      record(6, u(policy.htlcMinimumMsat, 8)),
      record(8, some(u(policy.htlcMaximumMsat, 8))),
      record(10, prefixed(record(0, u(policy.feeBaseMsat, 4)), record(2, u(policy.feeProportionalMillionths, 4)))),
      record(12, none),
    ),
  );
}

/** The topology as LDK's `NetworkGraph.write` would have it. */
export function storedLdkGraph({ nodeIds, channels }: Topology): Uint8Array {
  const keys = nodeIds.map((id) => fromHex(id));
  const parts: Uint8Array[] = [u(1, 1), u(1, 1), bitcoin, u(channels.length, 8)];
  const channelsOf: Uint8Array[][] = nodeIds.map(() => []);
  const features = ChannelFeatures.constructor_empty().write();
  channels.forEach((channel, row) => {
    const id = u(scidOf(row), 8);
    channelsOf[channel.node1]!.push(id);
    channelsOf[channel.node2]!.push(id);
    parts.push(
      id,
      prefixed(
        record(0, features),
        record(1, u(timestampOf(row, 0), 8)),
        record(2, keys[channel.node1]!),
        record(4, storedPolicy(channel.policy1, timestampOf(row, 0))),
        record(6, keys[channel.node2]!),
        record(8, storedPolicy(channel.policy2, timestampOf(row, 1))),
        record(10, some(u(channel.capacitySat, 8))),
        record(12, none),
      ),
    );
  });
  const withChannels = keys.flatMap((key, row) => (channelsOf[row]!.length === 0 ? [] : [{ key, row }]));
  parts.push(u(withChannels.length, 8));
  for (const { key, row } of withChannels) {
    const list = concatBytes(...channelsOf[row]!);
    parts.push(key, prefixed(concatBytes(bigSize(4), longOrShort(list.length), list)));
  }
  parts.push(prefixed());
  return joined(parts);
}

/** As `concatBytes`, for more parts than a call may have arguments. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const longOrShort = (length: number): Uint8Array => (length < 0xfd ? u(length, 1) : longLength(length));

export function readLdkGraph(bytes: Uint8Array): NetworkGraph {
  const result = NetworkGraph.constructor_read(bytes, quiet());
  if (!(result instanceof Result_NetworkGraphDecodeErrorZ_OK)) throw new Error('LDK does not read the graph');
  return result.res;
}

export const countLdkChannels = (graph: NetworkGraph): number => {
  const view = graph.read_only();
  const { length } = view.list_channels();
  view.free();
  return length;
};

/** `find_route` by default parameters, multi-part allowed. */
export class LdkRouter {
  readonly #graph: NetworkGraph;
  readonly #scorer: ProbabilisticScorer;
  readonly #fees = ProbabilisticScoringFeeParameters.constructor_default();
  readonly #logger = quiet();
  readonly #seed = new Uint8Array(32).fill(7);

  constructor(graph: NetworkGraph) {
    this.#graph = graph;
    this.#scorer = ProbabilisticScorer.constructor_new(
      ProbabilisticScoringDecayParameters.constructor_default(),
      graph,
      this.#logger,
    );
  }

  /** @returns The paths and how long the call itself took. */
  find(payer: NodeId, payee: NodeId, amountMsat: bigint): { readonly paths?: readonly Path[]; readonly ms: number } {
    const payment = PaymentParameters.constructor_for_keysend(fromHex(payee), 18, true);
    const parameters = RouteParameters.constructor_from_payment_params_and_value(payment, amountMsat);
    const start = performance.now();
    const result = UtilMethods.constructor_find_route(
      fromHex(payer),
      parameters,
      this.#graph,
      null,
      this.#logger,
      this.#scorer.as_ScoreLookUp(),
      this.#fees,
      this.#seed,
    );
    const ms = performance.now() - start;
    if (!(result instanceof Result_RouteLightningErrorZ_OK)) return { ms };
    const paths = result.res.get_paths().map((path) => ({
      hops: path.get_hops().map((hop) => ({
        nodeId: nodeIdOf(hop.get_pubkey()),
        shortChannelId: shortChannelId(hop.get_short_channel_id()),
        feeMsat: msat(hop.get_fee_msat()),
        cltvExpiryDelta: cltvDelta(hop.get_cltv_expiry_delta()),
      })),
    }));
    return { paths, ms };
  }
}

/** Messages ready to be applied, so that only that is timed. */
export const ldkUpdate = (row: number, direction: 0 | 1, policy: TopologyPolicy, timestamp: number) =>
  UnsignedChannelUpdate.constructor_new(
    bitcoin,
    scidOf(row),
    timestamp,
    1,
    direction | (policy.enabled ? 0 : 2),
    policy.cltvExpiryDelta,
    BigInt(policy.htlcMinimumMsat),
    BigInt(policy.htlcMaximumMsat),
    policy.feeBaseMsat,
    policy.feeProportionalMillionths,
    new Uint8Array(0),
  );
