const amount = { type: 'string', description: 'Millisatoshis, in decimal' } as const;

const hop = {
  type: 'object',
  required: ['from', 'to', 'shortChannelId', 'isPublic', 'amountMsat', 'feeMsat', 'cltvExpiryDelta'],
  properties: {
    from: { type: 'string' },
    to: { type: 'string' },
    shortChannelId: { type: 'string', description: 'BLOCKxTRANSACTIONxOUTPUT' },
    isPublic: { type: 'boolean', description: 'False for first hops and hints that the graph does not hold' },
    amountMsat: { ...amount, description: 'Millisatoshis that this channel carries' },
    feeMsat: { ...amount, description: 'Millisatoshis that `to` keeps for forwarding' },
    cltvExpiryDelta: { type: 'integer', description: 'Blocks that `to` asks for; the final delta at the last hop' },
  },
} as const;

const part = {
  type: 'object',
  required: ['amountMsat', 'feeMsat', 'totalCltvDelta', 'hops'],
  properties: {
    amountMsat: { ...amount, description: 'Millisatoshis that the payee receives by this part' },
    feeMsat: amount,
    totalCltvDelta: { type: 'integer' },
    hops: { type: 'array', items: hop },
  },
} as const;

const route = {
  amountMsat: { ...amount, description: 'Millisatoshis that the payee receives' },
  feeMsat: { ...amount, description: 'Fees of all parts' },
  parts: { type: 'array', items: part },
} as const;

/** What `POST /route` answers. */
export const routeSchema = {
  type: 'object',
  required: ['amountMsat', 'feeMsat', 'parts', 'alternatives', 'generation', 'searchMicroseconds'],
  properties: {
    ...route,
    alternatives: {
      type: 'array',
      description: 'Other paths for the whole amount, best first',
      items: { type: 'object', required: ['amountMsat', 'feeMsat', 'parts'], properties: route },
    },
    generation: { type: 'integer', description: 'Which load of the graph answered' },
    searchMicroseconds: { type: 'integer' },
  },
} as const;
