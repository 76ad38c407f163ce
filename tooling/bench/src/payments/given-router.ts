import { type Answer, err, type Msat, msat, type NodeId, ok, type Result, ready } from '@boltwright/base';
import { forwardingFee } from '@boltwright/channel-manager';
import type {
  ChannelDetails,
  Route,
  RouteError,
  RouteHop,
  RouteParameters,
  RouteRequestId,
  Router,
} from '@boltwright/interfaces';

/** One way along a row of nodes: the channels beyond the payer's own. */
export type GivenWay = readonly Pick<RouteHop, 'nodeId' | 'shortChannelId'>[];

const policy = { forwardingFeeBaseMsat: 1000, forwardingFeeProportionalMillionths: 100, cltvExpiryDelta: 40 };

/** Knows one way to each payee, so that a benchmark of payments measures no search. */
export class GivenRouter implements Router {
  readonly ways = new Map<NodeId, GivenWay>();

  findRoute(
    _request: RouteRequestId,
    _payer: NodeId,
    { payee, amountMsat, finalCltvDelta }: RouteParameters,
    firstHops: readonly ChannelDetails[],
  ): Answer<Result<Route, RouteError>> {
    const way = this.ways.get(payee) ?? [];
    const nextNode = way.length > 1 ? way[0]!.nodeId : payee;
    const first = firstHops.find(({ counterparty }) => counterparty === nextNode);
    if (first?.outboundScid === undefined) return ready(err({ kind: 'noRoute', message: 'no first hop' }));
    const hops: RouteHop[] = [];
    let amount: Msat = amountMsat;
    let own = { feeMsat: amountMsat, cltvExpiryDelta: finalCltvDelta as number };
    for (let i = Math.max(way.length, 1) - 1; i >= 0; i--) {
      const nodeId = way[i]?.nodeId ?? payee;
      hops.unshift({ nodeId, shortChannelId: i === 0 ? first.outboundScid : way[i]!.shortChannelId, ...own });
      const fee = forwardingFee(policy as never, amount);
      own = { feeMsat: fee, cltvExpiryDelta: policy.cltvExpiryDelta };
      amount = msat(amount + fee);
    }
    return ready(ok({ paths: [{ hops }] }));
  }
}
