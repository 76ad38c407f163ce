import { noble } from '@boltwright/crypto';
import { conformanceChecks } from '@boltwright/crypto/conformance';
import { createWasmBackend } from '@boltwright/crypto-wasm';
import { describe, expect, test } from '@jest/globals';
import { nodeBackend } from '../src/index.ts';

const backends = [nodeBackend(noble), nodeBackend(createWasmBackend()), createWasmBackend(nodeBackend(noble))];

describe.each(backends.map((backend) => [backend.name, backend] as const))('%s', (_name, backend) => {
  const checks = conformanceChecks(backend, { rounds: 12, seed: 2 });
  test.each(checks.map(({ name, run }) => [name, run] as const))('%s', (_check, run) => run());

  test('answers plain arrays, no Buffers, that nobody else writes to', () => {
    const data = new Uint8Array(600).fill(9);
    const key = new Uint8Array(32).fill(1);
    const nonce = new Uint8Array(12);
    const closed = backend.aeadEncrypt(key, nonce, key, data);
    const answers = [
      () => backend.sha256(data),
      () => backend.hash160(data),
      () => backend.hmacSha256(key, data),
      () => backend.hkdfSha256(key, key, key, 64),
      () => backend.chacha20(key, nonce, data),
      () => backend.aeadEncrypt(key, nonce, key, data),
      () => backend.aeadDecrypt(key, nonce, key, closed)!,
    ];
    for (const answer of answers) {
      const first = answer();
      expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype);
      const copy = Uint8Array.from(first);
      answer().fill(0);
      expect(first).toEqual(copy);
    }
  });
});

test('the names say what was put together', () => {
  expect(backends.map(({ name }) => name)).toEqual(['noble+node', 'wasm+node', 'wasm over noble+node']);
});
