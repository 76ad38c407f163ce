import { err, ok, type Result } from '@boltwright/base';
import { type NetworkGraph, ProbabilisticScorer, readSnapshot, SearchSpace } from '@boltwright/routing';
import type { LoadError } from './load-error.ts';
import { type PreparedSnapshot, readBytes } from './prepare-snapshot.ts';

/** One graph and what searches over it need. A request keeps the one that it began with. */
export interface LoadedGraph {
  readonly graph: NetworkGraph;
  readonly scorer: ProbabilisticScorer;
  readonly space: SearchSpace;
  readonly generation: number;
  readonly source: string;
  readonly snapshotBytes: number;
  /** The newest policy's timestamp, in seconds since 1970: how fresh the network is. */
  readonly newestUpdate: number;
  readonly loadedAt: Date;
  readonly loadMilliseconds: number;
}

/** Holds the graph that is served, and swaps it whole. */
export class GraphHolder {
  #current: LoadedGraph;

  private constructor(current: LoadedGraph) {
    this.#current = current;
  }

  static async open(snapshot: PreparedSnapshot): Promise<Result<GraphHolder, LoadError>> {
    const loaded = await load(snapshot);
    return loaded.ok ? ok(new GraphHolder(loaded.value)) : loaded;
  }

  static of(graph: NetworkGraph, source = 'a graph in memory'): GraphHolder {
    return new GraphHolder(serve(graph, { source, generation: 1, bytes: 0, file: '' }, 0));
  }

  get current(): LoadedGraph {
    return this.#current;
  }

  /** Serves another snapshot from now on; what is served stays where that one cannot be read. */
  async swap(snapshot: PreparedSnapshot): Promise<Result<LoadedGraph, LoadError>> {
    const loaded = await load(snapshot);
    if (loaded.ok) this.#current = loaded.value;
    return loaded;
  }
}

async function load(snapshot: PreparedSnapshot): Promise<Result<LoadedGraph, LoadError>> {
  const bytes = await readBytes(snapshot.file);
  if (!bytes.ok) return bytes;
  const before = performance.now();
  // against keys made to collide
  const graph = readSnapshot(bytes.value, { hashSeed: crypto.getRandomValues(new Uint32Array(1))[0]! });
  if (!graph.ok) return err({ kind: graph.error.kind, message: `${snapshot.file}: ${graph.error.message}` });
  return ok(serve(graph.value, snapshot, performance.now() - before));
}

const serve = (graph: NetworkGraph, snapshot: PreparedSnapshot, loadMilliseconds: number): LoadedGraph => ({
  graph,
  scorer: new ProbabilisticScorer(graph),
  space: new SearchSpace(graph),
  generation: snapshot.generation,
  source: snapshot.source,
  snapshotBytes: snapshot.bytes,
  newestUpdate: graph.channelTable.timestamp.reduce((newest, time) => Math.max(newest, time), 0),
  loadedAt: new Date(),
  loadMilliseconds,
});
