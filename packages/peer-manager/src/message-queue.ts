/** First in, first out, without moving what stays. */
class Fifo {
  #items: Uint8Array[] = [];
  #head = 0;

  push(item: Uint8Array): void {
    this.#items.push(item);
  }

  shift(): Uint8Array | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}

/** Gossip waits behind everything else; within its own kind every message keeps its place. */
export type Priority = 'channel' | 'gossip';

/** Encoded messages that wait for a peer, not encrypted yet: the order is settled when they leave. */
export class MessageQueue {
  readonly #lanes = { channel: new Fifo(), gossip: new Fifo() };
  readonly #bytes = { channel: 0, gossip: 0 };

  get bytes(): number {
    return this.#bytes.channel + this.#bytes.gossip;
  }

  get channelBytes(): number {
    return this.#bytes.channel;
  }

  push(message: Uint8Array, priority: Priority): void {
    this.#lanes[priority].push(message);
    this.#bytes[priority] += message.length;
  }

  /** The next message to leave; with `channelOnly`, none of gossip. */
  shift(channelOnly = false): Uint8Array | undefined {
    return this.#take('channel') ?? (channelOnly ? undefined : this.#take('gossip'));
  }

  clear(): void {
    this.#lanes.channel.clear();
    this.#lanes.gossip.clear();
    this.#bytes.channel = 0;
    this.#bytes.gossip = 0;
  }

  #take(priority: Priority): Uint8Array | undefined {
    const message = this.#lanes[priority].shift();
    if (message !== undefined) this.#bytes[priority] -= message.length;
    return message;
  }
}
