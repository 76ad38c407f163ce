import type { ChannelId } from '@boltwright/base';

/** An update that a watch has taken on but not completed: what promises it waits. */
export interface Gate {
  readonly channelId: ChannelId;
  readonly updateId: bigint;
}
