import type { Answer, CltvDelta, Msat, NodeId, Result, ShortChannelId } from '@boltwright/base';
import type { ChannelDetails } from './details.ts';

/** A private channel on the way to the payee (BOLT 11, field `r`). */
export interface RouteHintHop {
  readonly sourceNodeId: NodeId;
  readonly shortChannelId: ShortChannelId;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: CltvDelta;
  readonly htlcMinimumMsat?: Msat;
  readonly htlcMaximumMsat?: Msat;
}

/** What a route must fulfil. A route beyond any limit is not found, rather than found and too dear. */
export interface RouteParameters {
  readonly payee: NodeId;
  readonly amountMsat: Msat;
  readonly finalCltvDelta: CltvDelta;
  /** Total fees, all parts together. */
  readonly maxFeeMsat: Msat;
  /** Sum of the deltas of all hops, the final one's included. */
  readonly maxTotalCltvDelta: number;
  /** 1 where the payee or the payer wants a single part. */
  readonly maxPaths: number;
  /** Each hint is a path of hops that ends at the payee. */
  readonly routeHints: readonly (readonly RouteHintHop[])[];
  readonly payeeFeatures?: Uint8Array;
  readonly excludedChannels?: readonly ShortChannelId[];
  readonly excludedNodes?: readonly NodeId[];
}

/** One channel of a path, and the node that it leads to. */
export interface RouteHop {
  readonly nodeId: NodeId;
  readonly shortChannelId: ShortChannelId;
  /** What `nodeId` keeps for forwarding; at the last hop: the amount that the payee receives. */
  readonly feeMsat: Msat;
  /** What `nodeId` asks between its inbound and outbound expiry; at the last hop: the final delta. */
  readonly cltvExpiryDelta: number;
}

/** Hops from the payer’s first channel to the payee; at most 20. */
export interface Path {
  readonly hops: readonly RouteHop[];
}

/** The paths of a payment’s parts; together they deliver the amount. */
export interface Route {
  readonly paths: readonly Path[];
}

/** Why there is no route. `message` is for people. */
export type RouteError =
  | { readonly kind: 'noRoute'; readonly message: string }
  | { readonly kind: 'feeLimitExceeded'; readonly message: string }
  | { readonly kind: 'invalidParameters'; readonly message: string };

/** Amounts of ours under way, by directed channel: key `${shortChannelId}/${from}`, so that they are not spent twice. */
export interface InFlightHtlcs {
  usedMsat(channel: ShortChannelId, from: NodeId): Msat;
}

/** Names a request whose answer may come later; the asker counts them. */
export type RouteRequestId = number;

/** Finds routes: in this process at once, or elsewhere and later. */
export interface Router {
  /**
   * `pending` (a service elsewhere) is answered by `ChannelManager.routeFound(request, route)`.
   *
   * @param firstHops - our own usable channels; where given, a path starts with one of them.
   */
  findRoute(
    request: RouteRequestId,
    payer: NodeId,
    parameters: RouteParameters,
    firstHops: readonly ChannelDetails[],
    inFlight: InFlightHtlcs,
  ): Answer<Result<Route, RouteError>>;
}

/** A channel in one of its two directions. */
export interface DirectedChannel {
  readonly shortChannelId: ShortChannelId;
  readonly source: NodeId;
  readonly target: NodeId;
}

/** What a payment would do to a channel: its amount beside what is under way there and what the channel holds. */
export interface ChannelUsage {
  readonly amountMsat: Msat;
  readonly inFlightMsat: Msat;
  readonly capacityMsat: Msat;
}

/** Learns from outcomes, and prices channels by it. */
export interface Scorer {
  /** An integer below 2^53. */
  penaltyMsat(channel: DirectedChannel, usage: ChannelUsage): number;
  /** A part came back: `failedAt` did not carry it, the channels before it did. Not told where nobody can be blamed. */
  pathFailed(path: Path, failedAt: ShortChannelId): void;
  /** A part arrived and was claimed. */
  pathSucceeded(path: Path): void;
  /** @param seconds - elapsed since the last call, not a time of day: what was learnt grows that much older. */
  timePassed(seconds: number): void;
}
