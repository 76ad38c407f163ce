import { fromHex } from '@boltwright/base';
import {
  decodeBigSize,
  decodeMessage,
  decodeNodeAddresses,
  decodeShortChannelIds,
  encodeBigSize,
  encodeMessage,
  encodeNodeAddresses,
  encodeShortChannelIds,
  featureBits,
  featuresFromBits,
  onionPayload,
  struct,
  t,
  tlv,
  tlvStream,
  trimFeatures,
} from '@boltwright/wire';
import { binaryCorpus } from './corpus.ts';
import { expectSameBytes, refusal, type Surface, type Target } from './surface.ts';

const message: Surface = {
  name: 'message',
  seeds: () => binaryCorpus('packages/wire/corpus/message'),
  maxLength: 65_600,
  run: (input) => {
    const decoded = decodeMessage(input);
    if (!decoded.ok) return refusal(decoded.error);
    expectSameBytes(encodeMessage(decoded.value), input, `${decoded.value.type} encoded again`);
    return decoded.value.type;
  },
};

const shortChannelIds: Surface = {
  name: 'short-channel-ids',
  seeds: () => binaryCorpus('packages/wire/corpus/short-channel-ids'),
  maxLength: 65_535,
  run: (input) => {
    const decoded = decodeShortChannelIds(input);
    if (!decoded.ok) return refusal(decoded.error);
    if (decoded.value.length > 0) expectSameBytes(encodeShortChannelIds(decoded.value), input, 'ids encoded again');
    return `${Math.min(decoded.value.length, 3)} ids`;
  },
};

const nodeAddresses: Surface = {
  name: 'node-addresses',
  seeds: () => binaryCorpus('packages/wire/corpus/node-addresses'),
  maxLength: 65_535,
  run: (input) => {
    const decoded = decodeNodeAddresses(input);
    if (!decoded.ok) return refusal(decoded.error);
    // Some addresses are left out on the way in, so it is the second time that must not change.
    const once = encodeNodeAddresses(decoded.value.addresses);
    const again = decodeNodeAddresses(once);
    if (!again.ok) return refusal(again.error);
    expectSameBytes(encodeNodeAddresses(again.value.addresses), once, 'addresses encoded again');
    return `${Math.min(decoded.value.addresses.length, 6)} addresses`;
  },
};

const features: Surface = {
  name: 'features',
  seeds: () => [fromHex('8001'), fromHex('02000000024100'), fromHex('00000000ff')],
  maxLength: 8192,
  run: (input) => {
    const bits = featureBits(input);
    expectSameBytes(featuresFromBits(bits), trimFeatures(input), 'features from their bits');
    return `${Math.min(bits.length, 8)} bits`;
  },
};

export const wire: Target = { name: 'wire', surfaces: [message, shortChannelIds, nodeAddresses, features] };

// Every field type that a TLV record may hold.
const everyType = tlvStream('every_type', {
  tMsat: tlv(1n, struct({ value: t.tMsat })),
  scid: tlv(2n, struct({ value: t.shortChannelId })),
  mixed: tlv(3n, struct({ nodeId: t.point, first: t.u64, second: t.u64 })),
  tu32: tlv(4n, struct({ value: t.tu32 })),
  bigSize: tlv(5n, struct({ value: t.bigSize })),
  signed: tlv(6n, struct({ a: t.s8, b: t.s16, c: t.s32, d: t.s64 })),
  u16: tlv(254n, struct({ value: t.u16 })),
  rest: tlv(255n, t.rest),
});

const stream: Surface = {
  name: 'stream',
  seeds: () => [
    ...['0101ff', '02080000010000020003', '04020100', '0505fe00010000', 'fd00fe020226', 'fd00ff0411223344'].map(
      fromHex,
    ),
    fromHex(`0331${'02'.repeat(33)}${'00'.repeat(16)}`),
    fromHex('060fffff7f7fffffff8000000000000001'),
  ],
  maxLength: 4096,
  run: (input) => {
    const decoded = everyType.decode(input);
    if (!decoded.ok) return refusal(decoded.error);
    expectSameBytes(everyType.encode(decoded.value), input, 'stream encoded again');
    const { unknownTlvs, ...known } = decoded.value;
    return `${Object.keys(known).join(' ')} and ${Math.min(unknownTlvs?.length ?? 0, 2)} unknown`;
  },
};

const payload: Surface = {
  name: 'onion-payload',
  seeds: () => binaryCorpus('packages/wire/corpus/onion-payload'),
  maxLength: 2048,
  run: (input) => {
    const decoded = onionPayload.decode(input);
    if (!decoded.ok) return refusal(decoded.error);
    expectSameBytes(onionPayload.encode(decoded.value), input, 'payload encoded again');
    return Object.keys(decoded.value).sort().join(' ');
  },
};

const bigSize: Surface = {
  name: 'big-size',
  seeds: () => ['00', 'fc', 'fd00fd', 'fdffff', 'fe00010000', 'ff0000000100000000'].map(fromHex),
  maxLength: 12,
  run: (input) => {
    const decoded = decodeBigSize(input);
    if (!decoded.ok) return refusal(decoded.error);
    expectSameBytes(encodeBigSize(decoded.value), input, 'BigSize encoded again');
    return `${input.length} bytes`;
  },
};

export const wireTlv: Target = { name: 'wire-tlv', surfaces: [stream, payload, bigSize] };
