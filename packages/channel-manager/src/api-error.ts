/** Why a call of the user's cannot be done; nothing was changed. */
export type ApiErrorCode =
  | 'unknownChannel'
  | 'unknownPeer'
  | 'notConnected'
  | 'wrongState'
  | 'invalidAmount'
  | 'invalidInvoice'
  | 'wrongNetwork'
  | 'invalidTransaction'
  | 'invoiceExpired'
  | 'duplicatePayment'
  | 'unknownPayment'
  | 'routeNotFound'
  | 'tooManyChannels'
  | 'deadlinePassed'
  | 'signerPending'
  | 'refused'
  | 'storeFailed'
  | 'frozen';

/** What is wrong, and in words what to do about it. */
export interface ApiError {
  readonly kind: 'apiError';
  readonly code: ApiErrorCode;
  readonly message: string;
}

export const apiError = (code: ApiErrorCode, message: string): ApiError => ({ kind: 'apiError', code, message });
