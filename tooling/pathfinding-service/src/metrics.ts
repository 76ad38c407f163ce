import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { GraphHolder } from './graph-holder.ts';

/** A process's figures for Prometheus. */
export interface Metrics {
  readonly registry: Registry;
  /** Labels: the route's pattern (never what the caller wrote, which has no bound), the method, the status. */
  request(route: string, method: string, status: number, seconds: number): void;
  /** @param outcome - `found`, or an error's word. */
  search(outcome: string, seconds: number, parts: number): void;
}

const searchBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** @param ofProcess - Whether memory, garbage collection and the like of the process are told too. */
export function createMetrics(holder: GraphHolder, ofProcess: boolean): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'pathfinding_http_request_seconds',
    help: 'Requests by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: searchBuckets,
    registers,
  });
  const searches = new Histogram({
    name: 'pathfinding_search_seconds',
    help: 'Searches by outcome',
    labelNames: ['outcome'],
    buckets: searchBuckets,
    registers,
  });
  const parts = new Counter({
    name: 'pathfinding_parts_total',
    help: 'Parts of all routes found',
    registers,
  });
  const gauges: readonly (readonly [string, string, () => number])[] = [
    ['graph_channels', 'Channels of the graph', () => holder.current.graph.channelCount],
    ['graph_nodes', 'Nodes of the graph', () => holder.current.graph.nodeCount],
    ['graph_bytes', 'Bytes of the graph, in each worker', () => holder.current.graph.byteLength],
    ['graph_generation', 'Counts loads; the oldest that a worker serves', () => holder.current.generation],
    ['graph_newest_update_seconds', 'Newest timestamp of a policy', () => holder.current.newestUpdate],
    ['graph_load_seconds', 'What the last load took', () => holder.current.loadMilliseconds / 1000],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name: `pathfinding_${name}`,
      help,
      registers,
      aggregator: name === 'graph_generation' ? 'min' : 'max',
      collect() {
        this.set(read());
      },
    });
  }
  return {
    registry,
    request: (route, method, status, seconds) => requests.observe({ route, method, status }, seconds),
    search: (outcome, seconds, count) => {
      searches.observe({ outcome }, seconds);
      parts.inc(count);
    },
  };
}
