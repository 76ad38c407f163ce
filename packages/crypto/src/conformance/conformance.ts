import type { CryptoBackend } from '../backend.ts';
import { noble } from '../noble/noble.ts';
import {
  checkArithmeticEdges,
  checkCipherEdges,
  checkLengths,
  checkNoPoints,
  checkRanges,
  checkSignatureEdges,
} from './edge-checks.ts';
import { randomBytes } from './random-bytes.ts';
import { checkCurveAgainst, checkCurveLaws, checkHashesAgainst } from './random-checks.ts';
import {
  checkCipherVectors,
  checkEcdhVector,
  checkEcdsaVectors,
  checkHashVectors,
  checkKeyedHashVectors,
  checkSchnorrVectors,
} from './vector-checks.ts';

/** One check of a backend, for any test runner: it throws an `Error` that says what differs. */
export interface BackendCheck {
  readonly name: string;
  run(): void;
}

/** Choices of `conformanceChecks`. */
export interface ConformanceOptions {
  /** Rounds of each random check; 50 when left out. */
  readonly rounds?: number;
  /** Names the random inputs: the same seed gives the same ones. */
  readonly seed?: number;
}

/**
 * Everything that a {@link CryptoBackend} has to do: published vectors, the ends of all ranges, wrong lengths, the laws
 * of the curve, and the same answers as noble on random inputs. Who writes a backend runs them all:
 *
 * ```ts
 * for (const { name, run } of conformanceChecks(myBackend)) test(name, run);
 * ```
 */
export function conformanceChecks(backend: CryptoBackend, options: ConformanceOptions = {}): readonly BackendCheck[] {
  const { rounds = 50, seed = 1 } = options;
  const repeated = (name: string, check: (random: ReturnType<typeof randomBytes>) => void): BackendCheck => ({
    name: `${name} (${rounds} rounds, seed ${seed})`,
    run() {
      const random = randomBytes(seed);
      for (let i = 0; i < rounds; i++) check(random);
    },
  });
  return [
    { name: 'signs as the vectors of RFC 6979 say', run: () => checkEcdsaVectors(backend) },
    { name: 'signs and verifies as BIP 340 says', run: () => checkSchnorrVectors(backend) },
    { name: 'agrees on secrets as BOLT 8 says', run: () => checkEcdhVector(backend) },
    { name: 'hashes as FIPS 180-4 and the RIPEMD-160 page say', run: () => checkHashVectors(backend) },
    { name: 'derives keys as RFC 4231 and RFC 5869 say', run: () => checkKeyedHashVectors(backend) },
    { name: 'encrypts as RFC 8439 says', run: () => checkCipherVectors(backend) },
    { name: 'takes secrets and points in their ranges only', run: () => checkRanges(backend) },
    { name: 'answers what is no point', run: () => checkNoPoints(backend) },
    { name: 'reckons at zero, n and infinity', run: () => checkArithmeticEdges(backend) },
    { name: 'refuses signatures out of range and a high S', run: () => checkSignatureEdges(backend) },
    { name: 'refuses ciphertexts that are short or changed', run: () => checkCipherEdges(backend) },
    { name: 'throws a RangeError for every wrong length', run: () => checkLengths(backend) },
    repeated('keeps the laws of the curve', (random) => checkCurveLaws(backend, random)),
    repeated('answers on the curve as noble does', (random) => checkCurveAgainst(backend, noble, random)),
    repeated('hashes and encrypts as noble does', (random) => checkHashesAgainst(backend, noble, random)),
  ];
}
