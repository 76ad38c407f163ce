import type { ChannelId } from '@boltwright/base';
import type { ErrorMessage, Warning } from '@boltwright/wire';

/** Printable ASCII, as BOLT 1 wants the text; at most 500 characters. */
function asciiBytes(text: string): Uint8Array {
  const letters = Array.from(text.slice(0, 500), (letter) => letter.charCodeAt(0));
  return Uint8Array.from(letters, (code) => (code >= 32 && code <= 126 ? code : 0x3f));
}

/** BOLT 1, The `error` and `warning` Messages. */
export const errorMessage = (channelId: ChannelId, text: string): ErrorMessage => ({
  type: 'error',
  channelId,
  data: asciiBytes(text),
});

export const warningMessage = (channelId: ChannelId, text: string): Warning => ({
  type: 'warning',
  channelId,
  data: asciiBytes(text),
});
