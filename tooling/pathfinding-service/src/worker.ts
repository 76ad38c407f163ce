import cluster from 'node:cluster';
import process from 'node:process';
import { err, ok, type Result } from '@boltwright/base';
import type { FastifyInstance } from 'fastify';
import { AggregatorRegistry } from 'prom-client';
import { ApiError } from './api-error.ts';
import { buildApp } from './app.ts';
import { GraphHolder } from './graph-holder.ts';
import type { PrimaryMessage, WorkerMessage } from './ipc-messages.ts';
import type { LoadError } from './load-error.ts';
import { createMetrics } from './metrics.ts';
import type { ReloadReport } from './reload-endpoint.ts';

type Start = Extract<PrimaryMessage, { kind: 'start' }>;

const tell = (message: WorkerMessage): void => {
  if (process.connected) process.send?.(message);
};

/** A process of the cluster: answers requests over its own copy of the graph, does what the primary tells it. */
export function runWorker(): void {
  let app: FastifyInstance | undefined;
  let holder: GraphHolder | undefined;
  let asked = 0;
  const reloads = new Map<number, (report: Result<ReloadReport, LoadError>) => void>();
  const metrics = new Map<number, (text: string | null) => void>();

  const start = async ({ snapshot, host, port, pageFolder }: Start) => {
    const opened = await GraphHolder.open(snapshot);
    if (!opened.ok) return tell({ kind: 'failed', message: opened.error.message });
    holder = opened.value;
    const ownMetrics = createMetrics(holder, true);
    AggregatorRegistry.setRegistries([ownMetrics.registry]);
    // makes this process answer the primary's collection
    new AggregatorRegistry();
    app = await buildApp({
      holder,
      metrics: ownMetrics,
      allMetrics: async () => {
        const text = await ask(metrics, (request) => ({ kind: 'metrics', request }));
        if (text === null) throw new ApiError('internal_error', 'a worker did not tell its figures in time');
        return text;
      },
      reload: () => ask(reloads, (request) => ({ kind: 'reload', request })),
      docs: true,
      ...(pageFolder === null ? {} : { pageFolder }),
    });
    try {
      tell({ kind: 'listening', address: await app.listen({ host, port }) });
    } catch (failure) {
      tell({ kind: 'failed', message: failure instanceof Error ? failure.message : String(failure) });
    }
  };

  function ask<T>(waiting: Map<number, (answer: T) => void>, message: (request: number) => WorkerMessage): Promise<T> {
    return new Promise((resolve) => {
      const request = ++asked;
      waiting.set(request, resolve);
      tell(message(request));
    });
  }

  const stop = async () => {
    // stops listening, ends idle connections, waits for requests under way
    await app?.close();
    process.exit(0);
  };

  const onMessage = async (message: PrimaryMessage) => {
    switch (message.kind) {
      case 'start':
        return start(message);
      case 'load': {
        const swapped = await holder?.swap(message.snapshot);
        if (swapped === undefined) return;
        const result = swapped.ok
          ? ok({ channels: swapped.value.graph.channelCount, nodes: swapped.value.graph.nodeCount })
          : err(swapped.error);
        return tell({ kind: 'loaded', generation: message.snapshot.generation, result });
      }
      case 'reloaded':
        reloads.get(message.request)?.(message.report);
        reloads.delete(message.request);
        return;
      case 'metrics':
        metrics.get(message.request)?.(message.text);
        metrics.delete(message.request);
        return;
      case 'stop':
        return stop();
    }
  };

  process.on('message', (message: PrimaryMessage) => void onMessage(message));
  // the primary decides: a terminal's Ctrl-C reaches every process
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  cluster.worker?.on('disconnect', () => void stop());
  tell({ kind: 'ready' });
}
