import { readFileSync } from 'node:fs';
import { toHex } from '@boltwright/base';
import { expect, test } from '@jest/globals';
import { echo } from '../examples/custom-message.ts';
import { answerTo } from '../examples/decode-message.ts';
import { encodeMessage, error, errorData, errorText, featuresFromBits } from '../src/index.ts';

const init = (bits: number[]): Uint8Array =>
  encodeMessage({ type: 'init', globalFeatures: new Uint8Array(), features: featuresFromBits(bits) });

test('the first example answers a first message', () => {
  const answer = (bytes: Uint8Array): string | undefined => {
    const bytesOfError = answerTo(bytes);
    if (bytesOfError === undefined) return undefined;
    const decoded = error.decode(bytesOfError);
    return decoded.ok ? errorText(decoded.value.data) : decoded.error.message;
  };
  expect(answer(init([12, 23]))).toBeUndefined();
  expect(answer(init([12]))).toBe('we need anchors');
  expect(answer(init([12, 200]))).toBe('unknown feature bit 200');
  expect(answer(Uint8Array.of(0, 19, 0, 0))).toBe('expected init, got pong');
  expect(answer(Uint8Array.of(0, 16, 0))).toMatch(/^init\.globalFeatures at byte 2: needs 2 bytes, 1 remain/);
});

test('the second example takes a message of its own through the codec', () => {
  const greeting = { type: 'greeting', text: errorData('hi'), mood: 3 } as const;
  expect(echo(greeting)).toEqual(greeting);
});

test("the README's example is the file that runs here", () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const [block] = [...read('../README.md').matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);
  const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();
  expect(block).toBeDefined();
  expect(plain(read('../examples/decode-message.ts'))).toContain(plain(block!.split('\n').slice(2).join('\n')));
  expect(toHex(init([0]))).toBe('00100000000101');
});
