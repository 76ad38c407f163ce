import { unwrap } from '@boltwright/base';
import {
  boltMessages,
  decodeMessage,
  encodeMessage,
  type MessageOf,
  message,
  messageRegistry,
  t,
  tlv,
} from '@boltwright/wire';

/** A message of our own: odd, so that peers without it ignore it. */
export const greeting = message(40001, 'greeting', { text: t.bytesU16 }, { mood: tlv(1n, t.tu16) });
export interface Greeting extends MessageOf<typeof greeting> {}

/** Everything of the BOLTs, and ours. */
export const messages = messageRegistry([greeting], boltMessages);

/** Sends a greeting through the codec and back. */
export function echo(value: Greeting): Greeting {
  const received = unwrap(decodeMessage(encodeMessage(value, messages), messages));
  if (received.type !== 'greeting') throw new Error(`expected a greeting, got ${received.type}`);
  return received;
}
