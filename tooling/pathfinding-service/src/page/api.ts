/** What the page reads of the service's answers. */
export interface NodeSummary {
  readonly nodeId: string;
  readonly alias: string | null;
  readonly color: string | null;
  readonly channelCount: number;
}

export interface Channel {
  readonly shortChannelId: string;
  readonly nodeId1: string;
  readonly nodeId2: string;
  readonly capacitySat: string | null;
}

export interface Hop {
  readonly from: string;
  readonly to: string;
  readonly shortChannelId: string;
  readonly amountMsat: string;
  readonly feeMsat: string;
  readonly cltvExpiryDelta: number;
}

export interface Part {
  readonly amountMsat: string;
  readonly feeMsat: string;
  readonly totalCltvDelta: number;
  readonly hops: readonly Hop[];
}

export interface Route {
  readonly amountMsat: string;
  readonly feeMsat: string;
  readonly parts: readonly Part[];
  readonly searchMicroseconds: number;
}

export interface GraphState {
  readonly channels: number;
  readonly nodes: number;
  readonly source: string;
  readonly snapshotTime: string | null;
}

export interface Around {
  readonly nodes: readonly NodeSummary[];
  readonly channels: readonly Channel[];
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init);
  const body = (await response.json()) as T & { error?: { message: string } };
  if (!response.ok) throw new Error(body.error?.message ?? `status ${response.status}`);
  return body;
}

export const graphState = (): Promise<GraphState> => ask('/graph');

export const around = (id: string, hops: string, limit: string): Promise<Around> =>
  ask(`/around/${encodeURIComponent(id)}?hops=${hops}&limit=${limit}`);

export const nodesLike = async (search: string): Promise<readonly NodeSummary[]> =>
  (await ask<{ nodes: readonly NodeSummary[] }>(`/nodes?limit=12&search=${encodeURIComponent(search)}`)).nodes;

export const nodeOf = (id: string): Promise<NodeSummary> => ask(`/node/${encodeURIComponent(id)}?limit=1`);

export const findRoute = (body: object): Promise<Route> =>
  ask('/route', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
