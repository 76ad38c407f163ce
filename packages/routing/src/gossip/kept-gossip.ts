import { copyBytes } from '@boltwright/base';
import { channelAnnouncement, channelUpdate, nodeAnnouncement } from '@boltwright/wire';
import type { SignedGossip } from './pending-channels.ts';

const codecs = {
  channel_announcement: channelAnnouncement,
  channel_update: channelUpdate,
  node_announcement: nodeAnnouncement,
};

/** The message over bytes of its own, which survive the reuse of the read buffer. */
export function keep<M extends SignedGossip>(
  message: M,
  raw: Uint8Array,
): { readonly message: M; readonly raw: Uint8Array } {
  const copy = copyBytes(raw);
  const decoded = codecs[message.type].decode(copy);
  return { message: decoded.ok ? (decoded.value as M) : message, raw: copy };
}
