import { deepStrictEqual, equal } from 'node:assert/strict';
import { blockHeight, concatBytes, fromHex, msat, toHex, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import {
  attributeFulfil,
  buildFailure,
  buildOnion,
  decodeFailure,
  deriveKey,
  encodeFailure,
  type Failure,
  onionPublicKey,
  peelOnion,
  type ReturnedFailure,
  readFulfilAttribution,
  unwrapFailure,
  wrapFailure,
} from '@boltwright/onion';
import type { AttributionData } from '@boltwright/wire';
import { blindedMessage, blindedPayment, routeBlinding } from './bolt4-blinding.ts';
import { fixture } from './fixture.ts';
import type { Suite, Vector } from './suite.ts';

const secretsOf = (sessionKey: string, publicKeys: readonly string[]): readonly Uint8Array[] =>
  buildOnion(noble, {
    sessionKey: fromHex(sessionKey),
    hops: publicKeys.map((key) => ({ publicKey: fromHex(key), payload: Uint8Array.of(1, 0) })),
  }).sharedSecrets;

const attributionHex = ({ htlcHoldTimes, truncatedHmacs }: AttributionData): string =>
  toHex(concatBytes(htlcHoldTimes, truncatedHmacs));

const withoutLength = (hex: string): Uint8Array => fromHex(hex.substring(hex.startsWith('fd') ? 6 : 2));

/** onion-test.json: the packet to the byte, and each hop peeling its payload. */
function onion(): void {
  const vector = fixture<{
    readonly sessionKey: string;
    readonly associatedData: string;
    readonly hops: readonly {
      readonly publicKey: string;
      readonly prefixedPayload: string;
      readonly nodeSecret: string;
    }[];
    readonly packet: string;
  }>('onion', 'onion');
  const associatedData = fromHex(vector.associatedData);
  const hops = vector.hops.map((hop) => ({
    publicKey: fromHex(hop.publicKey),
    payload: withoutLength(hop.prefixedPayload),
  }));
  const built = buildOnion(noble, { sessionKey: fromHex(vector.sessionKey), associatedData, hops });
  equal(toHex(built.packet), vector.packet);
  let packet = fromHex(vector.packet);
  for (const [i, hop] of vector.hops.entries()) {
    const sharedSecret = noble.ecdh(unwrap(onionPublicKey(noble, packet)), fromHex(hop.nodeSecret))!;
    deepStrictEqual(sharedSecret, built.sharedSecrets[i]);
    const peeled = unwrap(peelOnion(noble, { packet, sharedSecret, associatedData }));
    equal(toHex(peeled.payload), toHex(hops[i]!.payload));
    equal(peeled.kind === 'final', i === vector.hops.length - 1);
    if (peeled.kind !== 'final') packet = Uint8Array.from(peeled.nextPacket);
  }
}

/** onion-error-test.json: a failure without attribution, wrapped by each hop and unwrapped by the origin. */
function onionError(): void {
  const vector = fixture<{
    readonly sessionKey: string;
    readonly failureMessage: string;
    readonly erringHop: number;
    readonly hops: readonly { readonly publicKey: string; readonly sharedSecret: string; readonly ammag: string }[];
    readonly errorPacket: string;
  }>('onion', 'onion-error');
  const secrets = secretsOf(
    vector.sessionKey,
    vector.hops.map((hop) => hop.publicKey),
  );
  for (const [i, hop] of vector.hops.entries()) {
    equal(toHex(secrets[i]!), hop.sharedSecret);
    equal(toHex(deriveKey(noble, 'ammag', secrets[i]!)), hop.ammag);
  }
  const failureMessage = fromHex(vector.failureMessage);
  const failure = unwrap(decodeFailure(failureMessage));
  let { reason } = buildFailure(noble, { sharedSecret: secrets[vector.erringHop]!, failure });
  for (let i = vector.erringHop - 1; i >= 0; i--) {
    reason = wrapFailure(noble, { sharedSecret: secrets[i]!, reason }).reason;
  }
  equal(toHex(reason), vector.errorPacket);
  deepStrictEqual(unwrapFailure(noble, { sharedSecrets: secrets, reason }), {
    kind: 'failure',
    hop: vector.erringHop,
    failure,
    failureMessage,
    attribution: { holdTimes: [] },
  });
}

interface Step {
  readonly name: string;
  readonly hop: number;
  readonly holdTime: number;
  readonly ammag: string;
  readonly stream: string;
  readonly packet: string;
  readonly attributionData: string;
}

/** "Returning Errors": each step makes all steps before it again, so that one may fail without the next. */
function returningErrors(): Vector[] {
  const vector = fixture<{
    readonly sessionKey: string;
    readonly publicKeys: readonly string[];
    readonly created: {
      readonly hop: number;
      readonly htlcMsat: string;
      readonly height: number;
      readonly tlv: { readonly type: number; readonly value: string };
      readonly paddedMessage: string;
      readonly sharedSecret: string;
      readonly um: string;
      readonly packet: string;
    };
    readonly steps: readonly Step[];
  }>('onion', 'returning-errors');
  const { created, steps } = vector;
  const secrets = secretsOf(vector.sessionKey, vector.publicKeys);
  const failure: Failure = {
    kind: 'incorrect_or_unknown_payment_details',
    htlcMsat: msat(BigInt(created.htlcMsat)),
    height: blockHeight(created.height),
    tlvs: [{ type: BigInt(created.tlv.type), value: fromHex(created.tlv.value) }],
  };
  const returnedAt = (last: number): ReturnedFailure => {
    const [first, ...later] = steps.slice(0, last + 1);
    const request = { sharedSecret: secrets[first!.hop]!, failure, paddedLength: 1024, holdTime: first!.holdTime };
    let returned = buildFailure(noble, request);
    for (const { hop, holdTime } of later) {
      returned = wrapFailure(noble, { ...returned, sharedSecret: secrets[hop]!, holdTime });
    }
    return returned;
  };
  return [
    {
      name: 'creating error message',
      run: () => {
        const sharedSecret = secrets[created.hop]!;
        equal(toHex(sharedSecret), created.sharedSecret);
        equal(toHex(deriveKey(noble, 'um', sharedSecret)), created.um);
        const encoded = encodeFailure(failure);
        equal(toHex(encoded), created.paddedMessage.substring(0, 2 * encoded.length));
        deepStrictEqual(unwrap(decodeFailure(encoded)), failure);
        // What was made before the first stream shows once that stream is taken off again.
        const { reason } = buildFailure(noble, { sharedSecret, failure, paddedLength: 1024 });
        const stream = fromHex(steps[0]!.stream);
        equal(toHex(reason.map((byte, i) => byte ^ stream[i]!)), created.packet);
      },
    },
    ...steps.map((step, i) => ({
      name: step.name,
      run: () => {
        equal(toHex(deriveKey(noble, 'ammag', secrets[step.hop]!)), step.ammag);
        const returned = returnedAt(i);
        equal(toHex(returned.reason), step.packet);
        equal(attributionHex(returned.attributionData!), step.attributionData);
        if (i < steps.length - 1) return;
        deepStrictEqual(unwrapFailure(noble, { ...returned, sharedSecrets: secrets }), {
          kind: 'failure',
          hop: created.hop,
          failure,
          failureMessage: encodeFailure(failure),
          attribution: { holdTimes: steps.map(({ holdTime }) => holdTime).reverse() },
        });
      },
    })),
  ];
}

function returningSuccess(): Vector[] {
  const vector = fixture<{
    readonly sessionKey: string;
    readonly publicKeys: readonly string[];
    readonly steps: readonly Pick<Step, 'name' | 'hop' | 'holdTime' | 'attributionData'>[];
  }>('onion', 'returning-success');
  const secrets = secretsOf(vector.sessionKey, vector.publicKeys);
  const { steps } = vector;
  return steps.map((step, i) => ({
    name: step.name,
    run: () => {
      let attributionData: AttributionData | undefined;
      for (const { hop, holdTime } of steps.slice(0, i + 1)) {
        attributionData = attributeFulfil(noble, { sharedSecret: secrets[hop]!, attributionData, holdTime });
      }
      equal(attributionHex(attributionData!), step.attributionData);
      if (i < steps.length - 1) return;
      const report = readFulfilAttribution(noble, { sharedSecrets: secrets, attributionData: attributionData! });
      deepStrictEqual(report, { holdTimes: steps.map(({ holdTime }) => holdTime).reverse() });
    },
  }));
}

const single = (file: string, name: string, run: () => void): Suite => ({
  bolt: 4,
  file,
  published: 1,
  vectors: [{ name, run }],
});

export const bolt4 = (): Suite[] => [
  single('bolt04-blinded-onion-message', 'a message over a blinded path', blindedMessage),
  single('bolt04-blinded-payment-onion', 'a payment over a blinded path', blindedPayment),
  single('bolt04-onion-error', 'a returned error', onionError),
  single('bolt04-onion', 'a payment onion of five hops', onion),
  { bolt: 4, file: 'bolt04-returning-errors', published: 6, vectors: returningErrors() },
  { bolt: 4, file: 'bolt04-returning-success', published: 5, vectors: returningSuccess() },
  single('bolt04-route-blinding', 'two blinded paths joined', routeBlinding),
];
