import { readdirSync, readFileSync } from 'node:fs';
import { toHex } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import {
  decodeMessage,
  decodeNodeAddresses,
  decodeShortChannelIds,
  encodeMessage,
  encodeNodeAddresses,
  encodeShortChannelIds,
  onionPayload,
} from '../src/index.ts';

// One folder of `corpus` per decoder, one input per file: what fuzzing starts from and where its finds are kept.

/** Decodes, and gives what the value encodes to, or the kind of the error. */
type Target = (bytes: Uint8Array) => { readonly again: Uint8Array | undefined } | { readonly kind: string };

const targets: Record<string, Target> = {
  message: (bytes) => {
    const decoded = decodeMessage(bytes);
    return decoded.ok ? { again: encodeMessage(decoded.value) } : decoded.error;
  },
  'onion-payload': (bytes) => {
    const decoded = onionPayload.decode(bytes);
    return decoded.ok ? { again: onionPayload.encode(decoded.value) } : decoded.error;
  },
  'short-channel-ids': (bytes) => {
    const decoded = decodeShortChannelIds(bytes);
    return decoded.ok ? { again: encodeShortChannelIds(decoded.value) } : decoded.error;
  },
  'node-addresses': (bytes) => {
    const decoded = decodeNodeAddresses(bytes);
    if (!decoded.ok) return decoded.error;
    encodeNodeAddresses(decoded.value.addresses); // Leaves out what it should, so it need not be the same.
    return { again: undefined };
  },
};

const root = new URL('../corpus/', import.meta.url);

test('every folder has its decoder', () => {
  expect(readdirSync(root).sort()).toEqual(Object.keys(targets).sort());
});

describe.each(Object.entries(targets))('%s', (folder, target) => {
  const directory = new URL(`${folder}/`, root);

  test.each(readdirSync(directory))('%s is exact or a typed error', (file) => {
    const bytes = Uint8Array.from(readFileSync(new URL(file, directory)));
    const outcome = target(bytes);
    if (/-(least|most)\.bin$/.test(file) || !('kind' in outcome)) {
      expect(outcome).not.toHaveProperty('kind');
      if ('again' in outcome && outcome.again !== undefined) expect(toHex(outcome.again)).toBe(toHex(bytes));
    } else {
      expect(outcome).toMatchObject({ kind: expect.any(String), spec: expect.stringMatching(/^BOLT #/) });
    }
  });
});
