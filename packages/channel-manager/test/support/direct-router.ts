import {
  type Answer,
  type CltvDelta,
  err,
  type Msat,
  msat,
  type NodeId,
  ok,
  type Result,
  ready,
  type ShortChannelId,
} from '@boltwright/base';
import type {
  ChannelDetails,
  InFlightHtlcs,
  Path,
  Route,
  RouteError,
  RouteHop,
  RouteParameters,
  RouteRequestId,
  Router,
} from '@boltwright/interfaces';
import { forwardingFee } from '../../src/index.ts';

/** A directed channel that the caller knows of, with the policy of `source`. */
export interface KnownChannel {
  readonly source: NodeId;
  readonly target: NodeId;
  readonly shortChannelId: ShortChannelId;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: CltvDelta | number;
}

/**
 * Finds the cheapest path over our own channels, what the invoice hints at and a list of known channels: exact fees from
 * the payee backwards (BOLT 7, HTLC Fees), sums of deltas. Splits over first hops where one is not enough.
 */
export class DirectRouter implements Router {
  readonly #known: () => readonly KnownChannel[];
  readonly #useHints: () => boolean;
  /** What was asked, for tests. */
  readonly requests: RouteParameters[] = [];

  constructor(known: () => readonly KnownChannel[], useHints: () => boolean) {
    this.#known = known;
    this.#useHints = useHints;
  }

  findRoute(
    _request: RouteRequestId,
    payer: NodeId,
    parameters: RouteParameters,
    firstHops: readonly ChannelDetails[],
    _inFlight: InFlightHtlcs,
  ): Answer<Result<Route, RouteError>> {
    this.requests.push(parameters);
    const paths: Path[] = [];
    let missing: bigint = parameters.amountMsat;
    let fees = 0n;
    const tails = this.#tails(parameters, payer, 3);
    const room = new Map(firstHops.map((hop) => [hop, hop.nextOutboundHtlcLimitMsat as bigint]));
    while (missing > 0n && paths.length < parameters.maxPaths) {
      let best: { path: Path; delivered: bigint; fee: bigint; first: ChannelDetails } | undefined;
      for (const first of firstHops) {
        if (excluded(parameters, first.outboundScid)) continue;
        for (const tail of tails) {
          if ((tail[0]?.source ?? parameters.payee) !== first.counterparty) continue;
          const delivered = roomFor(tail, missing, room.get(first)!);
          if (delivered <= 0n) continue;
          const path = pathOf(first, tail, parameters, delivered as Msat);
          const fee = path.hops.slice(0, -1).reduce((sum, { feeMsat }) => sum + feeMsat, 0n);
          if (best === undefined || delivered > best.delivered || (delivered === best.delivered && fee < best.fee)) {
            best = { path, delivered, fee, first };
          }
        }
      }
      if (best === undefined) break;
      paths.push(best.path);
      missing -= best.delivered;
      fees += best.fee;
      room.set(best.first, 0n);
    }
    if (missing > 0n) return ready(err({ kind: 'noRoute', message: `no way for ${missing} of the msat` }));
    if (fees > parameters.maxFeeMsat) return ready(err({ kind: 'feeLimitExceeded', message: `${fees} msat of fees` }));
    return ready(ok({ paths }));
  }

  /** Ways from somewhere to the payee, the empty one included. */
  #tails(parameters: RouteParameters, payer: NodeId, length: number): readonly (readonly KnownChannel[])[] {
    const channels: KnownChannel[] = [...this.#known()];
    for (const hint of this.#useHints() ? parameters.routeHints : []) {
      for (const [i, hop] of hint.entries()) {
        channels.push({ ...hop, source: hop.sourceNodeId, target: hint[i + 1]?.sourceNodeId ?? parameters.payee });
      }
    }
    let open: (readonly KnownChannel[])[] = [[]];
    const found = [...open];
    for (let i = 0; i < length; i++) {
      open = open.flatMap((tail) =>
        channels
          .filter(
            (channel) =>
              channel.target === (tail[0]?.source ?? parameters.payee) &&
              channel.source !== payer &&
              !excluded(parameters, channel.shortChannelId) &&
              parameters.excludedNodes?.includes(channel.source) !== true &&
              !tail.some(({ source }) => source === channel.source),
          )
          .map((channel) => [channel, ...tail]),
      );
      found.push(...open);
    }
    return found;
  }
}

const excluded = ({ excludedChannels }: RouteParameters, id: ShortChannelId | undefined): boolean =>
  id === undefined || excludedChannels?.includes(id) === true;

const policyOf = (channel: KnownChannel) => ({
  forwardingFeeBaseMsat: channel.feeBaseMsat,
  forwardingFeeProportionalMillionths: channel.feeProportionalMillionths,
});

const costOf = (tail: readonly KnownChannel[], delivered: bigint): bigint =>
  tail.reduceRight((amount, channel) => amount + forwardingFee(policyOf(channel), amount as Msat), delivered);

/** As much of `wanted` as the first hop can carry, fees included. */
function roomFor(tail: readonly KnownChannel[], wanted: bigint, room: bigint): bigint {
  let amount = wanted;
  for (let cost = costOf(tail, amount); amount > 0n && cost > room; cost = costOf(tail, amount)) {
    amount -= cost - room;
  }
  return amount;
}

function pathOf(
  first: ChannelDetails,
  tail: readonly KnownChannel[],
  parameters: RouteParameters,
  delivered: Msat,
): Path {
  const hops: RouteHop[] = [];
  let amount: bigint = delivered;
  let next: Pick<RouteHop, 'feeMsat' | 'cltvExpiryDelta'> = {
    feeMsat: delivered,
    cltvExpiryDelta: parameters.finalCltvDelta,
  };
  for (const channel of [...tail].reverse()) {
    hops.unshift({ nodeId: channel.target, shortChannelId: channel.shortChannelId, ...next });
    const feeMsat = forwardingFee(policyOf(channel), msat(amount));
    next = { feeMsat, cltvExpiryDelta: channel.cltvExpiryDelta };
    amount += feeMsat;
  }
  hops.unshift({ nodeId: first.counterparty, shortChannelId: first.outboundScid!, ...next });
  return { hops };
}
