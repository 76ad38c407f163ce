import type { NodeId } from '@boltwright/base';
import type { ConnectionId } from '@boltwright/interfaces';
import { decodeMessage, encodeMessage, type Init } from '@boltwright/wire';
import type { NetGraphMsgHandler } from '../../../src/gossip/net-graph-msg-handler.ts';
import { extended, initWith } from './bench.ts';

type Incoming = Parameters<NetGraphMsgHandler['handleMessage']>[2];

export interface LinkEnd {
  readonly handler: NetGraphMsgHandler;
  readonly id: NodeId;
}

/** Two handlers and a wire of encoded bytes between them; more links may share a handler. */
export class Link {
  readonly ends: readonly [LinkEnd, LinkEnd];
  readonly connection: ConnectionId;
  /** Every message that went over, by the name of its sender's index and type. */
  readonly seen: { readonly from: 0 | 1; readonly type: string; readonly bytes: number }[] = [];
  broken: string | undefined;

  constructor(a: LinkEnd, b: LinkEnd, connection: number, features: Init = extended) {
    this.ends = [a, b];
    this.connection = connection as ConnectionId;
    const init = initWith({});
    for (const [index, end] of this.ends.entries()) {
      const { id } = this.ends[1 - index]!;
      end.handler.peerConnected(id, this.connection, { ...init, ...features }, index === 0);
    }
  }

  cut(): void {
    for (const [index, end] of this.ends.entries())
      end.handler.peerDisconnected(this.ends[1 - index]!.id, this.connection);
    this.broken ??= 'cut';
  }
}

/** Carries messages over all links until nobody has any, at most `rounds` times; gives the number that it took. */
export function settle(links: readonly Link[], rounds = 1000): number {
  for (let round = 0; round < rounds; round++) if (!carry(links)) return round;
  return rounds;
}

/** One round; false where nothing moved. */
export function carry(links: readonly Link[]): boolean {
  let moved = false;
  const handlers = new Set(links.flatMap(({ ends }) => ends.map(({ handler }) => handler)));
  for (const handler of handlers) {
    for (const event of handler.getAndClearPendingMsgEvents()) {
      const link = links.find(({ connection }) => connection === event.connection);
      if (link === undefined || link.broken !== undefined) continue;
      moved = true;
      const from = link.ends[0].handler === handler ? 0 : 1;
      const { handler: target } = link.ends[1 - from]!;
      if (event.kind === 'disconnect') {
        link.broken = event.reason;
        link.cut();
        continue;
      }
      const bytes = encodeMessage(event.message);
      link.seen.push({ from, type: event.message.type, bytes: bytes.length });
      const decoded = decodeMessage(bytes);
      if (!decoded.ok) throw new Error(decoded.error.message);
      if (decoded.value.type === 'warning') continue;
      target.handleMessage(link.ends[from].id, link.connection, decoded.value as Incoming, bytes);
    }
  }
  return moved;
}
