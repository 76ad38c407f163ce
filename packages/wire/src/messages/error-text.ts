/**
 * The `data` of an `error`, `warning` or `tx_abort` as text for a log: bytes that are no printable ASCII come out as `.`
 * (BOLT 1, The `error` and `warning` Messages).
 *
 * @param maxLength - Characters to give at most; the data may have 65,000.
 */
export function errorText(data: Uint8Array, maxLength = 1024): string {
  let text = '';
  for (const byte of data.subarray(0, maxLength)) text += byte >= 32 && byte <= 126 ? String.fromCharCode(byte) : '.';
  return data.length > maxLength ? `${text}…` : text;
}

/** Text as the `data` of an `error`, `warning` or `tx_abort`: characters that are no printable ASCII become `?`. */
export function errorData(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return code >= 32 && code <= 126 ? code : 63;
  });
}
