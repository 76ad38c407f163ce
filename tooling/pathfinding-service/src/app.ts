import swagger from '@fastify/swagger';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { ApiError, type ApiErrorCode, errorBody, errorStatus } from './api-error.ts';
import { addGraphEndpoints } from './graph-endpoints.ts';
import type { GraphHolder } from './graph-holder.ts';
import type { Metrics } from './metrics.ts';
import { addPage } from './page-endpoint.ts';
import { addReloadEndpoint, type Reload } from './reload-endpoint.ts';
import { addRouteEndpoint } from './route-endpoint.ts';
import { createValidator } from './validator.ts';

export interface AppParts {
  readonly holder: GraphHolder;
  readonly metrics: Metrics;
  /** What `GET /metrics` answers: of all workers, where there are several. */
  readonly allMetrics: () => Promise<string>;
  readonly reload: Reload;
  /** Whether `/docs` shows the API's description for people. */
  readonly docs: boolean;
  /** Folder of the built page; without one, `/` leads to the API's description. */
  readonly pageFolder?: string;
}

const maxBodyBytes = 256 * 1024;

/** Requests that fastify refuses before a handler sees them, by its codes. */
const fastifyCodes: Readonly<Record<string, ApiErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'bad_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'bad_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
};

/** The service as a fastify application: to listen with, or to be asked by `inject`. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: maxBodyBytes,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    keepAliveTimeout: 10_000,
    // an address that is no address: too long a part, wrong percent signs
    frameworkErrors: (error, _request, reply) => {
      (reply as FastifyReply).code(400).send(errorBody('invalid_request', error.message.slice(0, 200)));
    },
  });
  app.setValidatorCompiler(createValidator());
  app.setErrorHandler<FastifyError | ApiError>((error, _request, reply) => {
    const { code, message, field } = describe(error);
    if (code === 'internal_error') console.error(error);
    return reply.code(errorStatus[code]).send(errorBody(code, message, field));
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!;
    const other = (['GET', 'POST'] as const).find((method) => app.hasRoute({ method, url: path }));
    if (other !== undefined) {
      return reply
        .code(405)
        .header('allow', other)
        .send(errorBody('method_not_allowed', `${path} is asked by ${other}, not by ${request.method}`));
    }
    return reply.code(404).send(errorBody('not_found', 'there is nothing here; /docs tells what there is'));
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    parts.metrics.request(route, request.method, reply.statusCode, reply.elapsedTime / 1000);
  });

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Boltwright pathfinding service',
        description: 'Routes through the Lightning network. Amounts are decimal strings of millisatoshis.',
        version: '1',
      },
    },
  });
  if (parts.docs) {
    // loaded where it is wanted only: it is half of what this process loads
    const { default: swaggerUi } = await import('@fastify/swagger-ui');
    await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  }
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  app.get('/metrics', { schema: { summary: 'Figures for Prometheus', tags: ['service'] } }, async (_request, reply) => {
    const text = await parts.allMetrics();
    return reply.type(parts.metrics.registry.contentType).send(text);
  });
  app.get('/health', { schema: { summary: 'Whether the service answers', tags: ['service'] } }, () => ({
    status: 'ok',
    generation: parts.holder.current.generation,
  }));
  addGraphEndpoints(app, parts.holder);
  addRouteEndpoint(app, parts.holder, parts.metrics);
  addReloadEndpoint(app, parts.reload);
  await addPage(app, parts.pageFolder);
  return app;
}

function describe(error: FastifyError | ApiError): { code: ApiErrorCode; message: string; field?: string } {
  if (error instanceof ApiError) {
    return { code: error.code, message: error.message, ...(error.field === undefined ? {} : { field: error.field }) };
  }
  const fault = error.validation?.[0];
  if (fault !== undefined) {
    const missing = fault.params['missingProperty'] ?? fault.params['additionalProperty'];
    const path = fault.instancePath.slice(1);
    const field = [path, missing].filter((part) => part !== undefined && part !== '').join('/');
    const extra = fault.keyword === 'additionalProperties' ? `there is no field '${String(missing).slice(0, 60)}'` : '';
    return {
      code: 'invalid_request',
      message: extra || `${path || error.validationContext || 'the request'} ${fault.message ?? 'is not valid'}`,
      ...(field === '' ? {} : { field: field.slice(0, 200) }),
    };
  }
  const code = fastifyCodes[error.code];
  if (code === 'body_too_large') return { code, message: `the body is larger than ${maxBodyBytes} bytes` };
  if (code !== undefined) return { code, message: error.message };
  if (error instanceof SyntaxError || error.name === 'SyntaxError') {
    return { code: 'bad_json', message: `the body is no JSON: ${error.message}` };
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return { code: 'invalid_request', message: error.message };
  }
  return { code: 'internal_error', message: 'the service failed at this request' };
}
