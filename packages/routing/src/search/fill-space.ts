import type { NodeId, ShortChannelId } from '@boltwright/base';
import type { ChannelDetails, RouteHintHop } from '@boltwright/interfaces';
import { maxRoutableMsat, type RouteRequest } from './route-request.ts';
import type { SearchSpace } from './search-space.ts';

const maxHints = 64;
const maxHintHops = 20;

/** Puts a request's own channels, route hints and exclusions into the space. */
export function fillSpace(space: SearchSpace, { payer, parameters, firstHops }: RouteRequest): void {
  const hints = parameters.routeHints.slice(0, maxHints);
  space.begin(2 + (firstHops?.length ?? 0) + hints.reduce((sum, hint) => sum + hint.length, 0));
  const source = space.nodeOf(payer);
  space.nodeOf(parameters.payee);
  const excludedChannels = new Set<ShortChannelId>(parameters.excludedChannels);
  for (const channel of firstHops ?? []) addFirstHop(space, source, channel, excludedChannels);
  for (const hint of hints) if (hint.length <= maxHintHops) addHint(space, hint, parameters.payee, excludedChannels);
  for (const id of excludedChannels) {
    const row = space.graph.channelIndex(id);
    if (row < 0) continue;
    space.use(2 * row, Number.POSITIVE_INFINITY);
    space.use(2 * row + 1, Number.POSITIVE_INFINITY);
  }
  space.excludedNodes = (parameters.excludedNodes ?? []).map((id) => space.nodeOf(id));
}

function addFirstHop(
  space: SearchSpace,
  source: number,
  channel: ChannelDetails,
  excluded: ReadonlySet<ShortChannelId>,
): void {
  const shortChannelId = channel.outboundScid ?? channel.shortChannelId;
  if (shortChannelId === undefined || !channel.isUsable) return;
  if (excluded.has(shortChannelId)) return;
  if (channel.shortChannelId !== undefined && excluded.has(channel.shortChannelId)) return;
  const limit = toNumber(channel.nextOutboundHtlcLimitMsat);
  if (limit === 0) return;
  space.addExtraEdge({
    shortChannelId,
    from: source,
    to: space.nodeOf(channel.counterparty),
    feeBase: 0,
    feeProportional: 0,
    cltvDelta: 0,
    htlcMinimum: toNumber(channel.nextOutboundHtlcMinimumMsat),
    htlcMaximum: limit,
    capacity: limit,
    isOwn: true,
  });
}

function addHint(
  space: SearchSpace,
  hint: readonly RouteHintHop[],
  payee: NodeId,
  excluded: ReadonlySet<ShortChannelId>,
): void {
  hint.forEach((hop, i) => {
    const target = hint[i + 1]?.sourceNodeId ?? payee;
    if (excluded.has(hop.shortChannelId) || target === hop.sourceNodeId) return;
    const limit = hop.htlcMaximumMsat === undefined ? Number.POSITIVE_INFINITY : toNumber(hop.htlcMaximumMsat);
    space.addExtraEdge({
      shortChannelId: hop.shortChannelId,
      from: space.nodeOf(hop.sourceNodeId),
      to: space.nodeOf(target),
      feeBase: hop.feeBaseMsat,
      feeProportional: hop.feeProportionalMillionths,
      cltvDelta: hop.cltvExpiryDelta,
      htlcMinimum: toNumber(hop.htlcMinimumMsat ?? 0n),
      htlcMaximum: limit,
      capacity: Number.POSITIVE_INFINITY,
      isOwn: false,
    });
  });
}

/** Amounts beyond what is ever sent read as the most that is. */
const toNumber = (amount: bigint): number =>
  amount > BigInt(2 * maxRoutableMsat) ? 2 * maxRoutableMsat : Number(amount);
