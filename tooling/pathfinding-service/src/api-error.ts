/** What can go wrong with a request, by the word that its answer carries, and the HTTP status that goes with it. */
export const errorStatus = {
  bad_json: 400,
  invalid_request: 400,
  forbidden: 403,
  not_found: 404,
  unknown_node: 404,
  unknown_channel: 404,
  method_not_allowed: 405,
  body_too_large: 413,
  unsupported_media_type: 415,
  no_route: 422,
  fee_limit_exceeded: 422,
  reload_failed: 500,
  internal_error: 500,
} as const;

export type ApiErrorCode = keyof typeof errorStatus;

/** A refusal that the caller is told: thrown by handlers, written by the error handler. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  /** The request's field at fault, as a path such as `routeHints/0/1/feeBaseMsat`. */
  readonly field: string | undefined;

  constructor(code: ApiErrorCode, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** The body of every answer that is no success. */
export const errorBody = (code: ApiErrorCode, message: string, field?: string) => ({
  error: { code, message, ...(field === undefined ? {} : { field }) },
});

/** The same for OpenAPI. */
export const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: Object.keys(errorStatus) },
        message: { type: 'string' },
        field: { type: 'string' },
      },
    },
  },
} as const;
