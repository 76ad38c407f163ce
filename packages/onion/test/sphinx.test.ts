import { readFileSync } from 'node:fs';
import { concatBytes, fromHex, toHex, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { describe, expect, test } from '@jest/globals';
import { buildOnion, onionPublicKey, peelOnion } from '../src/index.ts';

const vector = JSON.parse(readFileSync(new URL('vectors/onion.json', import.meta.url), 'utf8'));
const withoutPrefix = (hex: string): Uint8Array => fromHex(hex.startsWith('fd') ? hex.substring(6) : hex.substring(2));
const hops = vector.hops.map((hop: { publicKey: string; prefixedPayload: string }) => ({
  publicKey: fromHex(hop.publicKey),
  payload: withoutPrefix(hop.prefixedPayload),
}));

describe('BOLT 4, onion-test.json', () => {
  const built = buildOnion(noble, {
    sessionKey: fromHex(vector.sessionKey),
    associatedData: fromHex(vector.associatedData),
    hops,
  });

  test('the packet is built to the byte', () => {
    expect(toHex(built.packet)).toBe(vector.packet);
  });

  test('each hop peels its payload', () => {
    let packet = fromHex(vector.packet);
    for (const [i, hop] of vector.hops.entries()) {
      const publicKey = unwrap(onionPublicKey(noble, packet));
      const sharedSecret = noble.ecdh(publicKey, fromHex(hop.nodeSecret))!;
      expect(toHex(sharedSecret)).toBe(toHex(built.sharedSecrets[i]!));
      const peeled = unwrap(peelOnion(noble, { packet, sharedSecret, associatedData: fromHex(vector.associatedData) }));
      expect(toHex(peeled.payload)).toBe(toHex(withoutPrefix(hop.prefixedPayload)));
      if (peeled.kind === 'final') {
        expect(i).toBe(vector.hops.length - 1);
      } else {
        packet = concatBytes(peeled.nextPacket);
      }
    }
  });
});
