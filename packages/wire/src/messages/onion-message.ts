import { type MessageOf, message } from '../codec/message.ts';
import { t } from '../codec/t.ts';

/** BOLT #4, Onion Messages. `onionMessagePacket` is an onion packet of any payload size. */
export const onionMessage = message(
  513,
  'onion_message',
  { pathKey: t.point, onionMessagePacket: t.bytesU16 },
  {},
  'BOLT #4: Onion Messages',
);
/** What {@link onionMessage} encodes and decodes. */
export interface OnionMessage extends MessageOf<typeof onionMessage> {}
