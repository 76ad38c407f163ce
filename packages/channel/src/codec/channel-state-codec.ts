import { copyBytes, err, ok, type RawTransaction, type Result } from '@boltwright/base';
import type { ChannelMessage, ClosureReason } from '@boltwright/interfaces';
import { decodeMessage, encodeMessage, type FieldType, type TlvStreamOf, t, tlv, tlvStream } from '@boltwright/wire';
import type {
  AgreedClose,
  Blocked,
  ChannelState,
  Closing,
  FeeRange,
  FundedChannel,
  FundedState,
  Negotiating,
} from '../channel-state.ts';
import { isFunded } from '../funded-channel.ts';
import { transactionParameters } from '../opening/first-commitments.ts';
import { commitmentsHeadField, htlcsField } from './commitments-codec.ts';
import {
  bool,
  listOf,
  longBytes,
  mapped,
  nothing,
  oneOf,
  optional,
  outpointField,
  record,
  scriptField,
  tagged,
  text,
} from './fields.ts';
import { channelParametersField, proposedParametersField } from './parameters-codec.ts';

/** The first byte of a stored state. Another one means a format that cannot be read as this one. */
export const channelStateVersion = 1;

const withMessage = record<{ readonly message: string }>({ message: text });

const reason = tagged<ClosureReason>({
  cooperative: nothing,
  counterpartyForceClosed: withMessage,
  holderForceClosed: withMessage,
  commitmentConfirmed: nothing,
  deadline: withMessage,
  protocolViolation: withMessage,
  fundingTimedOut: nothing,
  fundingAborted: withMessage,
  disconnectedBeforeFunding: nothing,
  staleState: withMessage,
});

/** A message that waits for the signer, as on the wire. */
const message: FieldType<ChannelMessage> = {
  ...mapped<Uint8Array, ChannelMessage>(longBytes, (bytes) => readMessage(bytes) as ChannelMessage, encodeMessage),
  read: (reader) => {
    const start = reader.offset;
    const value = readMessage(longBytes.read(reader));
    return value ?? reader.fail({ kind: 'invalid_value', reason: 'no message of a channel' }, start);
  },
};

function readMessage(bytes: Uint8Array): ChannelMessage | undefined {
  const decoded = decodeMessage(bytes);
  return decoded.ok ? (decoded.value as ChannelMessage) : undefined;
}

const closing: FieldType<Closing> = record<Closing>({
  localScript: scriptField,
  localSent: bool,
  remoteScript: optional(scriptField),
  feeratePerKw: optional(t.feeratePerKw),
  agreed: optional(
    record<AgreedClose>({
      feeSatoshis: t.sat,
      transaction: record<RawTransaction>({ txid: t.txid, bytes: longBytes }),
    }),
  ),
});

const kinds = [
  'waitForAcceptChannel',
  'waitForFundingTransaction',
  'waitForFundingCreated',
  'waitForFundingSigned',
  'waitForChannelReady',
  'normal',
  'shuttingDown',
  'negotiating',
  'closed',
  'aborted',
] as const;

/** Even records must be known to whoever reads the state, odd ones may be passed over. */
const stream = tlvStream('channel_state', {
  kind: tlv(0n, oneOf<ChannelState['kind']>(kinds)),
  channelId: tlv(2n, t.channelId),
  proposed: tlv(4n, proposedParametersField),
  parameters: tlv(6n, channelParametersField),
  localPoint: tlv(8n, t.point),
  remotePoint: tlv(10n, t.point),
  fundingOutpoint: tlv(12n, outpointField),
  commitments: tlv(14n, commitmentsHeadField),
  htlcs: tlv(16n, htlcsField),
  latestUpdateId: tlv(18n, t.u64),
  connection: tlv(20n, oneOf<FundedChannel['connection']>(['disconnected', 'reestablishing', 'connected'])),
  confirmation: tlv(
    22n,
    record<NonNullable<FundedChannel['confirmation']>>({ height: t.blockHeight, shortChannelId: t.shortChannelId }),
  ),
  remoteAlias: tlv(21n, t.shortChannelId),
  localReady: tlv(24n, bool),
  remoteReady: tlv(26n, bool),
  blocked: tlv(28n, record<Blocked>({ commit: bool, messages: listOf(message) })),
  closing: tlv(30n, closing),
  proposedFee: tlv(
    32n,
    record<NonNullable<Negotiating['proposed']>>({
      feeSatoshis: t.sat,
      range: record<FeeRange>({ minFeeSatoshis: t.sat, maxFeeSatoshis: t.sat }),
    }),
  ),
  theirFeeSatoshis: tlv(34n, t.sat),
  reason: tlv(36n, reason),
  errorMessage: tlv(38n, text),
  silentTicks: tlv(33n, t.u16),
});

type Stored = TlvStreamOf<typeof stream>;

/** Why bytes are no channel's state. */
export interface StateDecodeError {
  readonly kind: 'stateDecodeError';
  readonly message: string;
}

/**
 * A channel's state as it is stored: a version byte and a TLV stream. An idle channel takes under 2 kB; each HTLC adds
 * some 100 bytes, and 1366 for its onion while that is needed here.
 */
export function encodeChannelState(state: ChannelState): Uint8Array {
  const bytes = stream.encode(storedOf(state));
  const versioned = new Uint8Array(1 + bytes.length);
  versioned[0] = channelStateVersion;
  versioned.set(bytes, 1);
  return versioned;
}

function storedOf(state: ChannelState): Stored {
  const { kind, channelId } = state;
  if (state.kind === 'aborted') return { kind, channelId, reason: state.reason };
  if (state.kind === 'waitForAcceptChannel') {
    return { kind, channelId, proposed: state.proposed, localPoint: state.localPoint };
  }
  if (isFunded(state)) return { kind, channelId, ...fundedStored(state) };
  const { parameters, localPoint, remotePoint } = state;
  return {
    kind,
    channelId,
    parameters,
    localPoint,
    remotePoint,
    blocked: state.kind === 'waitForFundingCreated' ? state.blocked : undefined,
  };
}

function fundedStored(state: FundedState): Stored {
  return {
    parameters: state.parameters,
    fundingOutpoint: state.transactions.fundingOutpoint,
    commitments: state.commitments,
    htlcs: state.commitments.htlcs,
    latestUpdateId: state.latestUpdateId,
    connection: state.connection,
    confirmation: state.confirmation,
    localReady: state.localReady,
    remoteReady: state.remoteReady,
    remoteAlias: state.remoteAlias,
    blocked: state.blocked,
    ...(state.kind === 'shuttingDown' || state.kind === 'negotiating' ? { closing: state.closing } : {}),
    ...(state.kind === 'negotiating'
      ? {
          proposedFee: state.proposed,
          theirFeeSatoshis: state.theirFeeSatoshis,
          silentTicks: state.silentTicks,
        }
      : {}),
    ...(state.kind === 'closed' ? { reason: state.reason, errorMessage: state.errorMessage } : {}),
  };
}

/** @returns an error for bytes that are no state, or of a format that this version must not read. */
export function decodeChannelState(bytes: Uint8Array): Result<ChannelState, StateDecodeError> {
  const fail = (text: string) => err<StateDecodeError>({ kind: 'stateDecodeError', message: text });
  if (bytes[0] !== channelStateVersion) return fail(`version ${bytes[0]}, known is ${channelStateVersion}`);
  const decoded = stream.decode(copyBytes(bytes.subarray(1)));
  if (!decoded.ok) return fail(decoded.error.message);
  const state = stateOf(decoded.value);
  return state === undefined ? fail(`a record is missing in state ${decoded.value.kind}`) : ok(state);
}

function stateOf(stored: Stored): ChannelState | undefined {
  const { kind, channelId } = stored;
  if (kind === undefined || channelId === undefined) return undefined;
  const { proposed, parameters, localPoint, remotePoint, blocked } = stored;
  switch (kind) {
    case 'aborted':
      return stored.reason && { kind, channelId, reason: stored.reason };
    case 'waitForAcceptChannel':
      return proposed && localPoint && { kind, channelId, proposed, localPoint };
    case 'waitForFundingTransaction':
      return parameters && localPoint && remotePoint && { kind, channelId, parameters, localPoint, remotePoint };
    case 'waitForFundingCreated':
      return (
        parameters &&
        localPoint &&
        remotePoint && { kind, channelId, parameters, localPoint, remotePoint, ...(blocked && { blocked }) }
      );
    default:
      return fundedOf(kind, stored);
  }
}

function fundedOf(kind: FundedState['kind'], stored: Stored): FundedState | undefined {
  const channel = fundedChannelOf(stored);
  if (channel === undefined) return undefined;
  const { closing, proposedFee, theirFeeSatoshis, silentTicks, reason, errorMessage } = stored;
  switch (kind) {
    case 'shuttingDown':
      return closing && { ...channel, kind, closing };
    case 'negotiating':
      return (
        closing?.remoteScript && {
          ...channel,
          kind,
          closing: { ...closing, remoteScript: closing.remoteScript },
          ...(proposedFee && { proposed: proposedFee }),
          ...(theirFeeSatoshis !== undefined && { theirFeeSatoshis }),
          ...(silentTicks !== undefined && { silentTicks }),
        }
      );
    case 'closed':
      return reason && errorMessage !== undefined ? { ...channel, kind, reason, errorMessage } : undefined;
    default:
      return { ...channel, kind };
  }
}

function fundedChannelOf(stored: Stored): FundedChannel | undefined {
  const { channelId, parameters, fundingOutpoint, commitments, htlcs, latestUpdateId, connection } = stored;
  if (!channelId || !parameters || !fundingOutpoint || !commitments || !htlcs || !connection) return undefined;
  const { localReady, remoteReady } = stored;
  if (latestUpdateId === undefined || localReady === undefined || remoteReady === undefined) return undefined;
  return {
    channelId,
    parameters,
    transactions: transactionParameters(parameters, fundingOutpoint),
    commitments: { ...commitments, htlcs },
    latestUpdateId,
    connection,
    ...(stored.confirmation && { confirmation: stored.confirmation }),
    localReady,
    remoteReady,
    ...(stored.remoteAlias !== undefined && { remoteAlias: stored.remoteAlias }),
    ...(stored.blocked && { blocked: stored.blocked }),
  };
}
