import { type MessageOf, message } from '../codec/message.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';

/** BOLT #2, The `tx_add_input` Message. `prevtx` is empty for a splice's shared input (`sharedInputTxid`). */
export const txAddInput = message(
  66,
  'tx_add_input',
  { channelId: t.channelId, serialId: t.u64, prevtx: t.bytesU16, prevtxVout: t.u32, sequence: t.u32 },
  { sharedInputTxid: tlv(0n, t.txid) },
  'BOLT #2: The `tx_add_input` Message',
);
/** What {@link txAddInput} encodes and decodes. */
export interface TxAddInput extends MessageOf<typeof txAddInput> {}

/** BOLT #2, The `tx_add_output` Message. */
export const txAddOutput = message(
  67,
  'tx_add_output',
  { channelId: t.channelId, serialId: t.u64, sats: t.sat, script: t.bytesU16 },
  {},
  'BOLT #2: The `tx_add_output` Message',
);
/** What {@link txAddOutput} encodes and decodes. */
export interface TxAddOutput extends MessageOf<typeof txAddOutput> {}

/** BOLT #2, The `tx_remove_input` and `tx_remove_output` Messages. */
export const txRemoveInput = message(
  68,
  'tx_remove_input',
  { channelId: t.channelId, serialId: t.u64 },
  {},
  'BOLT #2: The `tx_remove_input` and `tx_remove_output` Messages',
);
/** What {@link txRemoveInput} encodes and decodes. */
export interface TxRemoveInput extends MessageOf<typeof txRemoveInput> {}

/** BOLT #2, The `tx_remove_input` and `tx_remove_output` Messages. */
export const txRemoveOutput = message(
  69,
  'tx_remove_output',
  { channelId: t.channelId, serialId: t.u64 },
  {},
  'BOLT #2: The `tx_remove_input` and `tx_remove_output` Messages',
);
/** What {@link txRemoveOutput} encodes and decodes. */
export interface TxRemoveOutput extends MessageOf<typeof txRemoveOutput> {}

/** BOLT #2, The `tx_complete` Message. */
export const txComplete = message(
  70,
  'tx_complete',
  { channelId: t.channelId },
  {},
  'BOLT #2: The `tx_complete` Message',
);
/** What {@link txComplete} encodes and decodes. */
export interface TxComplete extends MessageOf<typeof txComplete> {}

/** BOLT #2, The `tx_signatures` Message. Each of `witnesses` is one input's witness as in a transaction. */
export const txSignatures = message(
  71,
  'tx_signatures',
  { channelId: t.channelId, txid: t.txid, witnesses: t.arrayU16(t.bytesU16) },
  { sharedInputSignature: tlv(0n, t.signature) },
  'BOLT #2: The `tx_signatures` Message',
);
/** What {@link txSignatures} encodes and decodes. */
export interface TxSignatures extends MessageOf<typeof txSignatures> {}

const rbfTlvs = {
  /** Satoshis that the sender puts into the funding output; negative where a splice takes some out. */
  fundingOutputContribution: tlv(0n, t.s64),
  requireConfirmedInputs: tlv(2n, t.flag),
} as const;

/** BOLT #2, The `tx_init_rbf` Message. */
export const txInitRbf = message(
  72,
  'tx_init_rbf',
  { channelId: t.channelId, locktime: t.u32, feerate: t.feeratePerKw },
  rbfTlvs,
  'BOLT #2: The `tx_init_rbf` Message',
);
/** What {@link txInitRbf} encodes and decodes. */
export interface TxInitRbf extends MessageOf<typeof txInitRbf> {}

/** BOLT #2, The `tx_ack_rbf` Message. */
export const txAckRbf = message(
  73,
  'tx_ack_rbf',
  { channelId: t.channelId },
  rbfTlvs,
  'BOLT #2: The `tx_ack_rbf` Message',
);
/** What {@link txAckRbf} encodes and decodes. */
export interface TxAckRbf extends MessageOf<typeof txAckRbf> {}

/** BOLT #2, The `tx_abort` Message. */
export const txAbort = message(
  74,
  'tx_abort',
  { channelId: t.channelId, data: t.bytesU16 },
  {},
  'BOLT #2: The `tx_abort` Message',
);
/** What {@link txAbort} encodes and decodes. */
export interface TxAbort extends MessageOf<typeof txAbort> {}
