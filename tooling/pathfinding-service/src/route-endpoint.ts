import { formatShortChannelId, type Msat, msat, type NodeId, type Result } from '@boltwright/base';
import type { Path, Route, RouteError } from '@boltwright/interfaces';
import { getRoute, type RouteRequest, rankPaths } from '@boltwright/routing';
import type { FastifyInstance } from 'fastify';
import { ApiError, errorSchema } from './api-error.ts';
import type { GraphHolder, LoadedGraph } from './graph-holder.ts';
import type { Metrics } from './metrics.ts';
import { type RouteBody, readRouteBody, routeBodySchema } from './route-body.ts';
import { routeSchema } from './route-schema.ts';

/** `POST /route`: one path or several parts, or ranked alternatives for one path. */
export function addRouteEndpoint(app: FastifyInstance, holder: GraphHolder, metrics: Metrics): void {
  app.post<{ Body: RouteBody }>(
    '/route',
    {
      schema: {
        summary: 'Find a route',
        description: 'The cheapest route by fees and by the chance that its channels can carry the amount.',
        tags: ['routes'],
        body: routeBodySchema,
        response: { 200: routeSchema, '4xx': errorSchema, '5xx': errorSchema },
      },
    },
    (request) => {
      const served = holder.current;
      const asked = readRouteBody(request.body);
      const { payer, parameters } = asked;
      mustKnow(served, payer, 'payer', asked.firstHops !== undefined || isHinted(asked, payer));
      mustKnow(served, parameters.payee, 'payee', parameters.routeHints.length > 0);
      const before = performance.now();
      const routes = search(served, asked, request.body.alternatives ?? 1);
      const seconds = (performance.now() - before) / 1000;
      metrics.search(routes.ok ? 'found' : routes.error.kind, seconds, routes.ok ? routes.value[0]!.paths.length : 0);
      if (!routes.ok) throw refusal(routes.error);
      const [best, ...others] = routes.value.map((route) => routeJson(served, payer, route));
      return {
        ...best!,
        alternatives: others,
        generation: served.generation,
        searchMicroseconds: Math.round(seconds * 1e6),
      };
    },
  );
}

/** Best first, never empty. */
function search(
  { graph, space, scorer }: LoadedGraph,
  asked: RouteRequest,
  alternatives: number,
): Result<readonly Route[], RouteError> {
  const best = getRoute(space, scorer, asked);
  if (!best.ok) return best;
  if (alternatives === 1 || best.value.paths.length > 1 || graph.channelCount === 0) {
    return { ok: true, value: [best.value] };
  }
  // alternatives are whole paths: one more is asked for, as the best is among them
  const ranked = rankPaths(space, scorer, asked, alternatives);
  if (!ranked.ok) return ranked;
  const key = (path: Path) => path.hops.map(({ shortChannelId }) => shortChannelId).join();
  const first = key(best.value.paths[0]!);
  const others = ranked.value.filter(({ path }) => key(path) !== first).slice(0, alternatives - 1);
  return { ok: true, value: [best.value, ...others.map(({ path }) => ({ paths: [path] }))] };
}

function mustKnow({ graph }: LoadedGraph, id: NodeId, field: string, hasOtherWays: boolean): void {
  if (!hasOtherWays && graph.nodeIndex(id) < 0) {
    throw new ApiError('unknown_node', `the graph has no node ${id} with a channel`, field);
  }
}

const isHinted = ({ parameters }: RouteRequest, id: NodeId): boolean =>
  parameters.routeHints.some((hint) => hint.some(({ sourceNodeId }) => sourceNodeId === id));

function refusal(error: RouteError): ApiError {
  if (error.kind === 'noRoute') return new ApiError('no_route', error.message);
  if (error.kind === 'feeLimitExceeded') return new ApiError('fee_limit_exceeded', error.message, 'maxFeeMsat');
  return new ApiError('invalid_request', error.message);
}

function routeJson({ graph }: LoadedGraph, payer: NodeId, { paths }: Route) {
  const parts = paths.map(({ hops }) => {
    // a hop's fee is what its node keeps, the last one's is the amount: a channel carries its own and all after it
    const carried = hops.map((_, i) => sum(hops.slice(i).map(({ feeMsat }) => feeMsat)));
    const amount = hops.at(-1)!.feeMsat;
    return {
      amount,
      fee: msat(carried[0]! - amount),
      json: {
        amountMsat: String(amount),
        feeMsat: String(carried[0]! - amount),
        totalCltvDelta: hops.reduce((total, { cltvExpiryDelta }) => total + cltvExpiryDelta, 0),
        hops: hops.map((hop, i) => ({
          from: i === 0 ? payer : hops[i - 1]!.nodeId,
          to: hop.nodeId,
          shortChannelId: formatShortChannelId(hop.shortChannelId),
          isPublic: graph.channelIndex(hop.shortChannelId) >= 0,
          amountMsat: String(carried[i]!),
          feeMsat: i === hops.length - 1 ? '0' : String(hop.feeMsat),
          cltvExpiryDelta: hop.cltvExpiryDelta,
        })),
      },
    };
  });
  return {
    amountMsat: String(sum(parts.map(({ amount }) => amount))),
    feeMsat: String(sum(parts.map(({ fee }) => fee))),
    parts: parts.map(({ json }) => json),
  };
}

const sum = (amounts: readonly Msat[]): Msat => msat(amounts.reduce((total, amount) => total + amount, 0n));
