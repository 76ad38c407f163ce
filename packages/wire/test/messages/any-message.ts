import { toHex } from '@boltwright/base';
import fc from 'fast-check';
import { boltMessages, type Message, type MessageCodec } from '../../src/index.ts';

// Values by the name of their property, written down again here so that a wrong type in a declaration shows.

const maxU64 = (1n << 64n) - 1n;
export const anyBytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const upTo = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const hex = (length: number): fc.Arbitrary<string> => anyBytes(length).map(toHex);
const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
const u64 = fc.oneof(
  fc.bigInt(0n, maxU64),
  fc.constantFrom(0n, 0xffff_ffffn, 1n << 32n, 1n << 53n, (1n << 63n) - 1n, 1n << 63n, maxU64),
);
const s64 = u64.map((value) => BigInt.asIntN(64, value));
const point = fc.tuple(fc.constantFrom(2, 3), anyBytes(32)).map(([first, x]) => Uint8Array.of(first, ...x));
const signature = anyBytes(64);

const fields: Record<string, fc.Arbitrary<unknown>> = {
  ...Object.fromEntries(
    ['channelId', 'temporaryChannelId', 'chainHash', 'fundingTxid', 'txid', 'spliceTxid', 'paymentHash'].map((name) => [
      name,
      hex(32),
    ]),
  ),
  ...Object.fromEntries(
    [
      'fundingSatoshis',
      'pushMsat',
      'dustLimitSatoshis',
      'maxHtlcValueInFlightMsat',
      'channelReserveSatoshis',
      'htlcMinimumMsat',
      'htlcMaximumMsat',
      'feeSatoshis',
      'sats',
      'id',
      'serialId',
      'amountMsat',
      'nextCommitmentNumber',
      'nextRevocationNumber',
      'shortChannelId',
      'queryOption',
    ].map((name) => [name, u64]),
  ),
  ...Object.fromEntries(
    [
      'feeratePerKw',
      'minimumDepth',
      'fundingFeeratePerkw',
      'commitmentFeeratePerkw',
      'feerate',
      'locktime',
      'prevtxVout',
      'sequence',
      'cltvExpiry',
      'timestamp',
      'feeBaseMsat',
      'feeProportionalMillionths',
      'firstBlocknum',
      'numberOfBlocks',
      'firstTimestamp',
      'timestampRange',
    ].map((name) => [name, u32]),
  ),
  ...Object.fromEntries(
    [
      'numPongBytes',
      'toSelfDelay',
      'maxAcceptedHtlcs',
      'fundingOutputIndex',
      'failureCode',
      'batchSize',
      'cltvExpiryDelta',
      'messageType',
    ].map((name) => [name, u16]),
  ),
  ...Object.fromEntries(
    ['channelFlags', 'messageFlags', 'initiator', 'fullInformation', 'syncComplete'].map((name) => [name, u8]),
  ),
  ...Object.fromEntries(
    [
      'fundingPubkey',
      'revocationBasepoint',
      'paymentBasepoint',
      'delayedPaymentBasepoint',
      'htlcBasepoint',
      'firstPerCommitmentPoint',
      'secondPerCommitmentPoint',
      'nextPerCommitmentPoint',
      'myCurrentPerCommitmentPoint',
      'pathKey',
      'nodeId',
      'nodeId1',
      'nodeId2',
      'bitcoinKey1',
      'bitcoinKey2',
    ].map((name) => [name, point]),
  ),
  ...Object.fromEntries(
    [
      'signature',
      'nodeSignature',
      'bitcoinSignature',
      'nodeSignature1',
      'nodeSignature2',
      'bitcoinSignature1',
      'bitcoinSignature2',
      'closerOutputOnly',
      'closeeOutputOnly',
      'closerAndCloseeOutputs',
      'sharedInputSignature',
    ].map((name) => [name, signature]),
  ),
  ...Object.fromEntries(
    [
      'globalFeatures',
      'features',
      'data',
      'ignored',
      'blob',
      'prevtx',
      'script',
      'scriptpubkey',
      'closerScriptpubkey',
      'closeeScriptpubkey',
      'reason',
      'addresses',
      'encodedShortIds',
      'onionMessagePacket',
      'remoteAddr',
      'upfrontShutdownScript',
      'channelType',
    ].map((name) => [name, upTo(70)]),
  ),
  ...Object.fromEntries(
    ['paymentPreimage', 'perCommitmentSecret', 'yourLastPerCommitmentSecret', 'sha256OfOnion', 'alias'].map((name) => [
      name,
      anyBytes(32),
    ]),
  ),
  sharedInputTxid: hex(32),
  rgbColor: anyBytes(3),
  onionRoutingPacket: anyBytes(1366),
  networks: fc.array(hex(32), { maxLength: 4 }),
  htlcSignatures: fc.array(signature, { maxLength: 5 }),
  witnesses: fc.array(upTo(40), { maxLength: 4 }),
  fundingContributionSatoshis: s64,
  fundingOutputContribution: s64,
  requireConfirmedInputs: fc.constant(true),
  feeRange: fc.record({ minFeeSatoshis: u64, maxFeeSatoshis: u64 }),
  attributionData: fc.record({ htlcHoldTimes: anyBytes(80), truncatedHmacs: anyBytes(840) }),
  nextFunding: fc.record({ nextFundingTxid: hex(32), retransmitFlags: u8 }),
  myCurrentFundingLocked: fc.record({ myCurrentFundingLockedTxid: hex(32), retransmitFlags: u8 }),
  queryFlags: fc.record({ encodingType: u8, encodedQueryFlags: upTo(20) }),
  timestamps: fc.record({ encodingType: u8, encodedTimestamps: upTo(20) }),
  checksums: fc.array(fc.record({ checksumNodeId1: u32, checksumNodeId2: u32 }), { maxLength: 4 }),
};

function anyValue(name: string): fc.Arbitrary<unknown> {
  const value = fields[name];
  if (value === undefined) throw new Error(`no values for the field ${name}`);
  return value;
}

const unknownTlvs = (known: ReadonlySet<bigint>) =>
  fc
    .uniqueArray(
      fc.record({
        type: fc
          .oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, maxU64))
          .map((type) => type | 1n)
          .filter((type) => !known.has(type)),
        value: upTo(300),
      }),
      { selector: ({ type }) => type, maxLength: 4 },
    )
    .map((records) => records.sort((a, b) => (a.type < b.type ? -1 : 1)));

const signed = new Set(['channel_announcement', 'node_announcement', 'channel_update']);

/** Any value of one message, its optional parts there or not. */
export function anyMessage(codec: MessageCodec<Message>): fc.Arbitrary<Message> {
  const required = Object.keys(codec.fields).map((name) => [name, anyValue(name)] as const);
  const optional = Object.keys(codec.tlvs).map((name) => [name, anyValue(name)] as const);
  const known = new Set(Object.values(codec.tlvs).map(({ type }) => type));
  const tail: [string, fc.Arbitrary<unknown>] = signed.has(codec.name)
    ? ['extension', fc.uint8Array({ minLength: 1, maxLength: 50 })]
    : ['unknownTlvs', unknownTlvs(known).filter((records) => records.length > 0)];
  const parts: Record<string, fc.Arbitrary<unknown>> = {
    type: fc.constant(codec.name),
    ...Object.fromEntries([...required, ...optional, tail]),
  };
  const requiredKeys = ['type', ...required.map(([name]) => name)];
  return fc.record(parts, { requiredKeys }) as fc.Arbitrary<unknown> as fc.Arbitrary<Message>;
}

export const codecs: readonly MessageCodec<Message>[] = [...boltMessages.byNumber.values()];
