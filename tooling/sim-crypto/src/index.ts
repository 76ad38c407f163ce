export { createSimCrypto, type SimCryptoOptions } from './create-sim-crypto.ts';
