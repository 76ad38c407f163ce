import { Ajv } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';

const common = { removeAdditional: false, useDefaults: true, allErrors: false, allowUnionTypes: true } as const;

/** Checks requests by their schemas: numbers in a query come as text, those of a body must be numbers. */
export function createValidator(): FastifySchemaCompiler<object> {
  const ofBodies = new Ajv({ ...common, coerceTypes: false });
  const ofQueries = new Ajv({ ...common, coerceTypes: true });
  return ({ schema, httpPart }) => (httpPart === 'body' ? ofBodies : ofQueries).compile(schema);
}
