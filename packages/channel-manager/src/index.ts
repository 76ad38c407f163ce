export type { ApiError, ApiErrorCode } from './api-error.ts';
export { ChannelManager, type CloseOptions } from './channel-manager.ts';
export {
  type CreateChannelOptions,
  maxUnfundedChannels,
  maxUnfundedChannelsPerPeer,
} from './channels/channel-opener.ts';
export { deadlines } from './deadlines.ts';
export { forwardingFee } from './forwarding/forward-policy.ts';
export type { ChannelManagerParts } from './manager-parts.ts';
export type { CreatedInvoice, InvoiceRequest } from './payments/invoices.ts';
export type { PaymentDetails } from './payments/payment-details.ts';
export type { SendOptions } from './payments/payments-out.ts';
export type { RestoreError } from './restore/read-records.ts';
