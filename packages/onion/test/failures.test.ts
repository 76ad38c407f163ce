import { readFileSync } from 'node:fs';
import { blockHeight, concatBytes, fromHex, msat, toHex, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { AttributionData } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import { plainFailurePacket } from '../src/failure-packet.ts';
import {
  attributeFulfil,
  buildFailure,
  buildOnion,
  decodeFailure,
  deriveKey,
  encodeFailure,
  type Failure,
  type ReturnedFailure,
  readFulfilAttribution,
  unwrapFailure,
  wrapFailure,
} from '../src/index.ts';

const load = (name: string) => JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'));
const secretsOf = (sessionKey: string, publicKeys: readonly string[]): readonly Uint8Array[] =>
  buildOnion(noble, {
    sessionKey: fromHex(sessionKey),
    hops: publicKeys.map((key) => ({ publicKey: fromHex(key), payload: Uint8Array.of(1, 0) })),
  }).sharedSecrets;
const attributionHex = ({ htlcHoldTimes, truncatedHmacs }: AttributionData): string =>
  toHex(concatBytes(htlcHoldTimes, truncatedHmacs));

describe('BOLT 4, onion-error-test.json', () => {
  const vector = load('onion-error');
  const secrets = secretsOf(
    vector.sessionKey,
    vector.hops.map((hop: { publicKey: string }) => hop.publicKey),
  );

  test('the failure is built, wrapped by each hop and unwrapped by the origin', () => {
    for (const [i, hop] of vector.hops.entries()) {
      expect(toHex(secrets[i]!)).toBe(hop.sharedSecret);
      expect(toHex(deriveKey(noble, 'ammag', secrets[i]!))).toBe(hop.ammag);
    }
    const failure = unwrap(decodeFailure(fromHex(vector.failureMessage)));
    expect(failure).toEqual({ kind: 'temporary_node_failure' });
    const erring = vector.erringHop as number;
    const plain = plainFailurePacket(noble, { sharedSecret: secrets[erring]!, failure });
    expect(toHex(plain.subarray(32))).toBe(vector.payload);
    let { reason } = buildFailure(noble, { sharedSecret: secrets[erring]!, failure });
    for (let i = erring - 1; i >= 0; i--) reason = wrapFailure(noble, { sharedSecret: secrets[i]!, reason }).reason;
    expect(toHex(reason)).toBe(vector.errorPacket);
    expect(unwrapFailure(noble, { sharedSecrets: secrets, reason })).toEqual({
      kind: 'failure',
      hop: erring,
      failure,
      failureMessage: fromHex(vector.failureMessage),
      attribution: { holdTimes: [] },
    });
  });
});

describe('BOLT 4, "Returning Errors"', () => {
  const vector = load('returning-errors');
  const secrets = secretsOf(vector.sessionKey, vector.publicKeys);
  const { created } = vector;
  const failure: Failure = {
    kind: 'incorrect_or_unknown_payment_details',
    htlcMsat: msat(BigInt(created.htlcMsat)),
    height: blockHeight(created.height),
    tlvs: [{ type: BigInt(created.tlv.type), value: fromHex(created.tlv.value) }],
  };

  test('creating error message', () => {
    const request = { sharedSecret: secrets[created.hop]!, failure, paddedLength: 1024 };
    expect(failure.kind).toBe(created.kind);
    expect(toHex(request.sharedSecret)).toBe(created.sharedSecret);
    expect(toHex(deriveKey(noble, 'um', request.sharedSecret))).toBe(created.um);
    const plain = plainFailurePacket(noble, request);
    expect(toHex(plain.subarray(32))).toBe(created.payload);
    expect(toHex(plain.subarray(34))).toBe(created.paddedMessage);
    expect(toHex(plain)).toBe(created.packet);
    expect(unwrap(decodeFailure(encodeFailure(failure)))).toEqual(failure);
  });

  let returned: ReturnedFailure | undefined;
  for (const step of vector.steps) {
    test(step.name, () => {
      const sharedSecret = secrets[step.hop]!;
      expect(toHex(deriveKey(noble, 'ammag', sharedSecret))).toBe(step.ammag);
      const { holdTime } = step;
      returned =
        returned === undefined
          ? buildFailure(noble, { sharedSecret, failure, paddedLength: 1024, holdTime })
          : wrapFailure(noble, { ...returned, sharedSecret, holdTime });
      expect(toHex(returned.reason)).toBe(step.packet);
      expect(attributionHex(returned.attributionData!)).toBe(step.attributionData);
    });
  }

  test('the origin finds the hop, the failure and all hold times', () => {
    const unwrapped = unwrapFailure(noble, { ...returned!, sharedSecrets: secrets });
    expect(unwrapped).toEqual({
      kind: 'failure',
      hop: created.hop,
      failure,
      failureMessage: encodeFailure(failure),
      attribution: { holdTimes: [5, 4, 3, 2, 1] },
    });
  });
});

describe('BOLT 4, "Returning success"', () => {
  const vector = load('returning-success');
  const secrets = secretsOf(vector.sessionKey, vector.publicKeys);
  let attributionData: AttributionData | undefined;
  for (const step of vector.steps) {
    test(step.name, () => {
      const { holdTime } = step;
      attributionData = attributeFulfil(noble, { sharedSecret: secrets[step.hop]!, attributionData, holdTime });
      expect(attributionHex(attributionData)).toBe(step.attributionData);
    });
  }

  test('the origin reads all hold times', () => {
    const report = readFulfilAttribution(noble, { sharedSecrets: secrets, attributionData: attributionData! });
    expect(report).toEqual({ holdTimes: [5, 4, 3, 2, 1] });
  });
});
