import { describe, expect, test } from '@jest/globals';
import { conformanceChecks } from '../src/conformance/conformance.ts';
import { noble } from '../src/index.ts';

describe('noble', () => {
  test.each(conformanceChecks(noble, { rounds: 20 }).map(({ name, run }) => [name, run] as const))('%s', (_name, run) =>
    run(),
  );
});

describe('the conformance checks', () => {
  const fails = (run: () => void): boolean => {
    try {
      run();
      return false;
    } catch {
      return true;
    }
  };
  /** The first check that sees the breakage. */
  const finder = (broken: object): string | undefined =>
    conformanceChecks({ ...noble, ...broken }, { rounds: 2 }).find(({ run }) => fails(run))?.name;

  test('find nothing wrong with noble', () => {
    expect(finder({})).toBeUndefined();
  });

  // Each function in turn answers wrong in its own way: a check that could not see it would prove nothing.
  const flip = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
    if (bytes === undefined || bytes.length === 0) return bytes;
    const changed = Uint8Array.from(bytes);
    changed[changed.length - 1]! ^= 1;
    return changed;
  };
  test.each([
    'publicKey',
    'sign',
    'recover',
    'ecdh',
    'pointAdd',
    'pointMultiply',
    'pointAddScalar',
    'scalarAdd',
    'scalarMultiply',
    'scalarNegate',
    'schnorrSign',
    'sha256',
    'hash256',
    'hash160',
    'ripemd160',
    'hmacSha256',
    'hkdfSha256',
    'chacha20',
    'aeadEncrypt',
    'aeadDecrypt',
  ] as const)('see a wrong answer of %s', (name) => {
    const right = noble[name] as (...parameters: readonly unknown[]) => Uint8Array | undefined;
    expect(finder({ [name]: (...parameters: readonly unknown[]) => flip(right(...parameters)) })).toBeDefined();
  });

  test.each([
    ['verify', () => true],
    ['verify', () => false],
    ['schnorrVerify', () => true],
    ['schnorrVerify', () => false],
    ['isPoint', () => true],
    ['isSecretKey', () => true],
    ['recover', () => undefined],
    ['aeadDecrypt', () => undefined],
  ])('see that %s always answers the same', (name, answer) => {
    expect(finder({ [name]: answer })).toBeDefined();
  });
});
