const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const suffix = '.onion';

/** The `.onion` host of 35 bytes of Tor v3 address; its checksum is left to Tor. */
export function formatOnionHost(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(held >>> (bits - 5)) & 31]!;
    held &= (1 << bits) - 1;
  }
  return text + suffix;
}

/** The 35 bytes of a Tor v3 host (56 base32 digits and `.onion`), or `undefined` for other text. */
export function parseOnionHost(host: string): Uint8Array | undefined {
  const text = host.toLowerCase();
  if (text.length !== 56 + suffix.length || !text.endsWith(suffix)) return undefined;
  const bytes = new Uint8Array(35);
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < 56; i++) {
    const digit = alphabet.indexOf(text[i]!);
    if (digit < 0) return undefined;
    held = (held << 5) | digit;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >>> bits;
      held &= (1 << bits) - 1;
    }
  }
  return bytes;
}
