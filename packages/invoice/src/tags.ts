/** BOLT #11, Tagged Fields: the 5-bit types, each the bech32 character of its letter. */
export const tags = {
  paymentHash: 1,
  routeHint: 3,
  features: 5,
  expiry: 6,
  fallbackAddress: 9,
  description: 13,
  paymentSecret: 16,
  payee: 19,
  descriptionHash: 23,
  minFinalCltvExpiryDelta: 24,
  paymentMetadata: 27,
} as const;

/** `data_length` of the hashes (32 bytes). */
export const hashWords = 52;
/** `data_length` of the payee's key (33 bytes). */
export const payeeWords = 53;
/** The most that ten bits of `data_length` can say. */
export const maxFieldWords = 1023;
/** 35 bits. */
export const timestampWords = 7;
/** 64 bytes of signature and one of recovery id. */
export const signatureWords = 104;
