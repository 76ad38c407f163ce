import type { Result } from '@boltwright/base';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError, errorSchema } from './api-error.ts';
import type { LoadError } from './load-error.ts';

export interface ReloadReport {
  readonly generation: number;
  readonly channels: number;
  readonly nodes: number;
  readonly workers: number;
}

/** Loads the source again, in all workers; on an error all serve what they served. */
export type Reload = () => Promise<Result<ReloadReport, LoadError>>;

/** Whether an address is this machine's own, as sockets tell it. */
export const isLoopback = (address: string | undefined): boolean =>
  address === '::1' || (address !== undefined && /^(::ffff:)?127\./.test(address));

/** Whether the caller sits at this machine: no proxy's client, and no page in a browser here. */
function isLocal({ socket, headers }: FastifyRequest): boolean {
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined;
  const isOfPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  return isLoopback(socket.remoteAddress) && !isForwarded && !isOfPage;
}

/** `POST /reload`, from the machine itself only. */
export function addReloadEndpoint(app: FastifyInstance, reload: Reload): void {
  app.post(
    '/reload',
    {
      schema: {
        summary: 'Load the source again, without a pause; from loopback only',
        tags: ['service'],
        response: {
          200: {
            type: 'object',
            properties: {
              generation: { type: 'integer' },
              channels: { type: 'integer' },
              nodes: { type: 'integer' },
              workers: { type: 'integer' },
            },
          },
          '4xx': errorSchema,
          '5xx': errorSchema,
        },
      },
    },
    async (request) => {
      if (!isLocal(request)) throw new ApiError('forbidden', 'only programs on this machine may ask for a reload');
      const report = await reload();
      if (!report.ok) throw new ApiError('reload_failed', `${report.error.kind}: ${report.error.message}`);
      return report.value;
    },
  );
}
