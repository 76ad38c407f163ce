import type { ChannelId } from '@boltwright/base';
import type { Core } from '../core/core.ts';
import { type InboundHtlc, inboundCodec, inboundKey } from '../records.ts';

export const htlcKey = (channelId: ChannelId, htlcId: bigint): string => `${channelId}-${htlcId}`;

/** HTLCs that we received and that are not gone yet, each with its record. */
export class InboundHtlcs {
  readonly #core: Core;
  readonly #htlcs = new Map<string, InboundHtlc>();

  constructor(core: Core) {
    this.#core = core;
  }

  get(channelId: ChannelId, htlcId: bigint): InboundHtlc | undefined {
    return this.#htlcs.get(htlcKey(channelId, htlcId));
  }

  all(): readonly InboundHtlc[] {
    return [...this.#htlcs.values()];
  }

  restore(htlc: InboundHtlc): void {
    this.#htlcs.set(htlcKey(htlc.channelId, htlc.htlcId), htlc);
  }

  put(htlc: InboundHtlc): void {
    this.restore(htlc);
    this.#core.parts.turns.put(inboundKey(htlc.channelId, htlc.htlcId), inboundCodec.encode(htlc));
  }

  delete(channelId: ChannelId, htlcId: bigint): void {
    if (this.#htlcs.delete(htlcKey(channelId, htlcId))) {
      this.#core.parts.turns.delete(inboundKey(channelId, htlcId));
    }
  }
}
