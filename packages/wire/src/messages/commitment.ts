import { type MessageOf, message } from '../codec/message.ts';
import { struct } from '../codec/struct.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';

/** BOLT #2, Batching messages for one channel: the next `batchSize` messages belong together. */
export const startBatch = message(
  127,
  'start_batch',
  { channelId: t.channelId, batchSize: t.u16 },
  { messageType: tlv(1n, t.u16) },
  'BOLT #2: Committing Updates So Far: `commitment_signed`',
);
/** What {@link startBatch} encodes and decodes. */
export interface StartBatch extends MessageOf<typeof startBatch> {}

/** BOLT #2, Committing Updates So Far: `commitment_signed`. `fundingTxid` is there while a splice is pending. */
export const commitmentSigned = message(
  132,
  'commitment_signed',
  { channelId: t.channelId, signature: t.signature, htlcSignatures: t.arrayU16(t.signature) },
  { fundingTxid: tlv(1n, t.txid) },
  'BOLT #2: Committing Updates So Far: `commitment_signed`',
);
/** What {@link commitmentSigned} encodes and decodes. */
export interface CommitmentSigned extends MessageOf<typeof commitmentSigned> {}

/** BOLT #2, Completing the Transition to the Updated State: `revoke_and_ack`. The secret is 32 bytes. */
export const revokeAndAck = message(
  133,
  'revoke_and_ack',
  { channelId: t.channelId, perCommitmentSecret: t.bytes(32), nextPerCommitmentPoint: t.point },
  {},
  'BOLT #2: Completing the Transition to the Updated State: `revoke_and_ack`',
);
/** What {@link revokeAndAck} encodes and decodes. */
export interface RevokeAndAck extends MessageOf<typeof revokeAndAck> {}

/** BOLT #2, Message Retransmission. Bit 0 of `retransmitFlags`: `commitment_signed`, or `announcement_signatures`. */
export const channelReestablish = message(
  136,
  'channel_reestablish',
  {
    channelId: t.channelId,
    nextCommitmentNumber: t.u64,
    nextRevocationNumber: t.u64,
    yourLastPerCommitmentSecret: t.bytes(32),
    myCurrentPerCommitmentPoint: t.point,
  },
  {
    nextFunding: tlv(1n, struct({ nextFundingTxid: t.txid, retransmitFlags: t.u8 })),
    myCurrentFundingLocked: tlv(5n, struct({ myCurrentFundingLockedTxid: t.txid, retransmitFlags: t.u8 })),
  },
  'BOLT #2: Message Retransmission',
);
/** What {@link channelReestablish} encodes and decodes. */
export interface ChannelReestablish extends MessageOf<typeof channelReestablish> {}
