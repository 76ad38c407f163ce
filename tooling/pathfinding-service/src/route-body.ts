import { channelId, cltvDelta, type Msat, msat, sat } from '@boltwright/base';
import type { ChannelDetails, RouteHintHop } from '@boltwright/interfaces';
import type { RouteRequest } from '@boltwright/routing';
import { amountPattern, nodeIdPattern, parseNodeId, parseShortChannelId, shortChannelIdPattern } from './ids.ts';

/** The JSON of `POST /route`, as the schema lets it through. */
export interface RouteBody {
  readonly payer: string;
  readonly payee: string;
  readonly amountMsat: string;
  readonly maxFeeMsat?: string;
  readonly maxParts?: number;
  readonly maxHops?: number;
  readonly finalCltvDelta?: number;
  readonly maxTotalCltvDelta?: number;
  readonly excludedChannels?: readonly string[];
  readonly excludedNodes?: readonly string[];
  readonly routeHints?: readonly (readonly RouteHintBody[])[];
  readonly firstHops?: readonly FirstHopBody[];
  readonly inFlight?: readonly InFlightBody[];
  readonly paymentMetadataLength?: number;
  readonly shadowSeed?: number;
  readonly alternatives?: number;
}

interface RouteHintBody {
  readonly sourceNodeId: string;
  readonly shortChannelId: string;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: number;
  readonly htlcMinimumMsat?: string;
  readonly htlcMaximumMsat?: string;
}

interface FirstHopBody {
  readonly counterparty: string;
  readonly shortChannelId: string;
  readonly limitMsat: string;
  readonly minimumMsat?: string;
}

interface InFlightBody {
  readonly shortChannelId: string;
  readonly from: string;
  readonly amountMsat: string;
}

const node = { type: 'string', pattern: nodeIdPattern, description: 'Public key, 66 hex digits' } as const;
const channel = { type: 'string', pattern: shortChannelIdPattern, description: 'BLOCKxTRANSACTIONxOUTPUT' } as const;
const amount = { type: 'string', pattern: amountPattern, description: 'Millisatoshis, in decimal' } as const;
const u32 = { type: 'integer', minimum: 0, maximum: 0xffff_ffff } as const;
const u16 = { type: 'integer', minimum: 0, maximum: 0xffff } as const;

/** Bounds on everything: what passes costs a bounded search. */
export const routeBodySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['payer', 'payee', 'amountMsat'],
  properties: {
    payer: node,
    payee: node,
    amountMsat: amount,
    maxFeeMsat: { ...amount, description: 'For all parts together; by default 1 % of the amount and 5 sat' },
    maxParts: { type: 'integer', minimum: 1, maximum: 64, default: 10 },
    maxHops: { type: 'integer', minimum: 1, maximum: 20, default: 20 },
    finalCltvDelta: { ...u16, default: 18 },
    maxTotalCltvDelta: { ...u16, default: 1008 },
    excludedChannels: { type: 'array', maxItems: 500, items: channel },
    excludedNodes: { type: 'array', maxItems: 500, items: node },
    routeHints: {
      type: 'array',
      maxItems: 32,
      description: 'Private channels, each hint a path that ends at the payee',
      items: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['sourceNodeId', 'shortChannelId', 'feeBaseMsat', 'feeProportionalMillionths', 'cltvExpiryDelta'],
          properties: {
            sourceNodeId: node,
            shortChannelId: channel,
            feeBaseMsat: u32,
            feeProportionalMillionths: u32,
            cltvExpiryDelta: u16,
            htlcMinimumMsat: amount,
            htlcMaximumMsat: amount,
          },
        },
      },
    },
    firstHops: {
      type: 'array',
      minItems: 1,
      maxItems: 200,
      description: "The payer's own channels with what they can send now; paths start with one of them",
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['counterparty', 'shortChannelId', 'limitMsat'],
        properties: { counterparty: node, shortChannelId: channel, limitMsat: amount, minimumMsat: amount },
      },
    },
    inFlight: {
      type: 'array',
      maxItems: 500,
      description: "The payer's amounts under way, which the channels no longer have",
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['shortChannelId', 'from', 'amountMsat'],
        properties: { shortChannelId: channel, from: node, amountMsat: amount },
      },
    },
    paymentMetadataLength: { type: 'integer', minimum: 0, maximum: 1300 },
    shadowSeed: { ...u32, description: 'Adds a random offset to the final delta; the same seed adds the same' },
    alternatives: {
      type: 'integer',
      minimum: 1,
      maximum: 5,
      default: 1,
      description: 'Paths wanted, the best included',
    },
  },
} as const;

/** @throws ApiError `invalid_request` for ids that are well written and yet none. */
export function readRouteBody(body: RouteBody): RouteRequest {
  const amountMsat = msat(BigInt(body.amountMsat));
  const { firstHops, inFlight } = body;
  return {
    payer: parseNodeId(body.payer, 'payer'),
    parameters: {
      payee: parseNodeId(body.payee, 'payee'),
      amountMsat,
      maxFeeMsat: optional(body.maxFeeMsat) ?? msat(amountMsat / 100n + 5000n),
      maxPaths: body.maxParts ?? 10,
      finalCltvDelta: cltvDelta(body.finalCltvDelta ?? 18),
      maxTotalCltvDelta: body.maxTotalCltvDelta ?? 1008,
      excludedChannels: (body.excludedChannels ?? []).map((id, i) => parseShortChannelId(id, `excludedChannels/${i}`)),
      excludedNodes: (body.excludedNodes ?? []).map((id, i) => parseNodeId(id, `excludedNodes/${i}`)),
      routeHints: (body.routeHints ?? []).map((hint, i) => hint.map((hop, j) => readHint(hop, `routeHints/${i}/${j}`))),
    },
    ...(firstHops === undefined ? {} : { firstHops: firstHops.map((hop, i) => readFirstHop(hop, i)) }),
    ...(inFlight === undefined ? {} : { inFlight: readInFlight(inFlight) }),
    ...(body.maxHops === undefined ? {} : { maxHops: body.maxHops }),
    ...(body.paymentMetadataLength === undefined ? {} : { paymentMetadataLength: body.paymentMetadataLength }),
    ...(body.shadowSeed === undefined ? {} : { shadowSeed: body.shadowSeed }),
  };
}

const optional = (text: string | undefined): Msat | undefined => (text === undefined ? undefined : msat(BigInt(text)));

function readHint(hop: RouteHintBody, field: string): RouteHintHop {
  const htlcMinimumMsat = optional(hop.htlcMinimumMsat);
  const htlcMaximumMsat = optional(hop.htlcMaximumMsat);
  return {
    sourceNodeId: parseNodeId(hop.sourceNodeId, `${field}/sourceNodeId`),
    shortChannelId: parseShortChannelId(hop.shortChannelId, `${field}/shortChannelId`),
    feeBaseMsat: hop.feeBaseMsat,
    feeProportionalMillionths: hop.feeProportionalMillionths,
    cltvExpiryDelta: cltvDelta(hop.cltvExpiryDelta),
    ...(htlcMinimumMsat === undefined ? {} : { htlcMinimumMsat }),
    ...(htlcMaximumMsat === undefined ? {} : { htlcMaximumMsat }),
  };
}

/** What pathfinding asks of a channel of the payer's: its name, its far end, and what it can send. */
function readFirstHop(hop: FirstHopBody, i: number): ChannelDetails {
  const limit = msat(BigInt(hop.limitMsat));
  const shortChannelId = parseShortChannelId(hop.shortChannelId, `firstHops/${i}/shortChannelId`);
  return {
    channelId: channelId(i.toString(16).padStart(64, '0')),
    counterparty: parseNodeId(hop.counterparty, `firstHops/${i}/counterparty`),
    shortChannelId,
    outboundScid: shortChannelId,
    channelValueSatoshis: sat(limit / 1000n),
    isOutbound: true,
    isAnnounced: false,
    state: 'normal',
    isReady: true,
    isUsable: true,
    pendingHtlcs: 0,
    balanceMsat: limit,
    outboundCapacityMsat: limit,
    nextOutboundHtlcLimitMsat: limit,
    nextOutboundHtlcMinimumMsat: optional(hop.minimumMsat) ?? msat(0n),
    inboundCapacityMsat: msat(0n),
  };
}

function readInFlight(entries: readonly InFlightBody[]): NonNullable<RouteRequest['inFlight']> {
  const used = new Map<string, bigint>();
  for (const [i, entry] of entries.entries()) {
    const id = parseShortChannelId(entry.shortChannelId, `inFlight/${i}/shortChannelId`);
    const key = `${id}/${parseNodeId(entry.from, `inFlight/${i}/from`)}`;
    used.set(key, (used.get(key) ?? 0n) + BigInt(entry.amountMsat));
  }
  return { usedMsat: (channel, from) => msat(used.get(`${channel}/${from}`) ?? 0n) };
}
