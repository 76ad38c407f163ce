export { ApiError, type ApiErrorCode, errorStatus } from './api-error.ts';
export { type AppParts, buildApp } from './app.ts';
export { csvGraph } from './csv-graph.ts';
export { demoGraph } from './demo-graph.ts';
export { GraphHolder, type LoadedGraph } from './graph-holder.ts';
export type { LoadError } from './load-error.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { type GraphSource, type PreparedSnapshot, prepareSnapshot } from './prepare-snapshot.ts';
export type { Reload, ReloadReport } from './reload-endpoint.ts';
