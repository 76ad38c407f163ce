import type { ChainHash } from '@boltwright/base';
import {
  decodeQueryFlags,
  decodeShortChannelIds,
  type Message,
  type QueryChannelRange,
  type QueryShortChannelIds,
} from '@boltwright/wire';
import type { GossipLimits } from './gossip-limits.ts';
import type { GossipPeer } from './gossip-peer.ts';
import { type GossipProblem, gossipProblem } from './gossip-problem.ts';
import { messageSize } from './message-size.ts';
import { answerChannelRange, answerShortChannelIds, type QueryAnswerPorts } from './query-answers.ts';

export interface QueryServerPorts extends QueryAnswerPorts {
  readonly limits: GossipLimits;
  readonly chainHash: ChainHash;
  send(peer: GossipPeer, message: Message): void;
}

/** Answers peers' queries: one of each kind at a time, as fast as they read and as much in a tick as the limits say. */
export class QueryServer {
  readonly #ports: QueryServerPorts;

  constructor(ports: QueryServerPorts) {
    this.#ports = ports;
  }

  takeRangeQuery(peer: GossipPeer, query: QueryChannelRange): GossipProblem | undefined {
    const problem = checkQuery(peer, query);
    if (problem !== undefined) return problem;
    if (query.numberOfBlocks === 0) return gossipProblem('no_blocks', 'number_of_blocks is 0');
    this.#queue(peer, query.type, answerChannelRange(this.#ports, query, query.chainHash === this.#ports.chainHash));
    return undefined;
  }

  takeIdsQuery(peer: GossipPeer, query: QueryShortChannelIds): GossipProblem | undefined {
    const problem = checkQuery(peer, query);
    if (problem !== undefined) return problem;
    const ids = decodeShortChannelIds(query.encodedShortIds);
    if (!ids.ok) return gossipProblem('invalid_short_channel_ids', ids.error.message);
    const flags = query.queryFlags === undefined ? undefined : decodeQueryFlags(query.queryFlags, ids.value.length);
    if (flags?.ok === false) return gossipProblem('invalid_query_flags', flags.error.message);
    const isOurChain = query.chainHash === this.#ports.chainHash;
    this.#queue(peer, query.type, answerShortChannelIds(this.#ports, query, ids.value, flags?.value, isOurChain));
    return undefined;
  }

  continueAnswers(peer: GossipPeer): void {
    const { limits, send } = this.#ports;
    while (!peer.ended && peer.queries <= limits.queriesPerTick && peer.window > 0) {
      const answer = peer.answers[0];
      if (answer === undefined || peer.answerBytes >= limits.answerBytesPerTick) return;
      const next = answer.messages.next();
      if (next.done === true) peer.answers.shift();
      else {
        peer.answerBytes += messageSize(next.value);
        send(peer, next.value);
      }
    }
  }

  #queue(
    peer: GossipPeer,
    type: QueryChannelRange['type'] | QueryShortChannelIds['type'],
    messages: Iterator<Message>,
  ): void {
    peer.queries += 1;
    // It asks on: so it has read the answers before.
    if (peer.answers.length === 0) peer.window = this.#ports.limits.sendWindowBytes;
    peer.answers.push({ type, messages });
  }
}

function checkQuery(
  { answers }: GossipPeer,
  { type }: QueryChannelRange | QueryShortChannelIds,
): GossipProblem | undefined {
  if (!answers.some((answer) => answer.type === type)) return undefined;
  return gossipProblem('query_under_way', `${type} before the answer to the last one`);
}
