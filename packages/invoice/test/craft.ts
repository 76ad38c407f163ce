import { fromHex } from '@boltwright/base';
import { createWasmBackend } from '@boltwright/crypto-wasm';
import { bech32 } from '@scure/base';
import { encodeInvoice, type RawInvoice, type TaggedField, tags } from '../src/index.ts';
import { signingHash } from '../src/signing-hash.ts';
import { bytesToWords } from '../src/words.ts';

/** The quick backend, for the many signatures of these tests. */
export const wasm = createWasmBackend();
export const secret = fromHex('e126f68f7eafcc8b74f54d269fe206be715000f94dac067d1c04a8ca3b2db734');
export const payee = wasm.publicKey(secret);

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
export const field = (tag: number, words: Uint8Array | readonly number[]): TaggedField => ({
  tag,
  words: Uint8Array.from(words),
});
export const bytesField = (tag: number, bytes: Uint8Array): TaggedField => field(tag, bytesToWords(bytes));

export const hashField = bytesField(tags.paymentHash, filled(32, 1));
export const secretField = bytesField(tags.paymentSecret, filled(32, 0x11));
export const descriptionField = bytesField(tags.description, fromHex('636f66666565'));
export const payeeField = bytesField(tags.payee, payee);
/** What every invoice must have. */
export const leastFields: readonly TaggedField[] = [secretField, hashField, descriptionField];

const unsignedWords = (raw: RawInvoice): Uint8Array => {
  const text = encodeInvoice({ raw, signature: new Uint8Array(64), recoveryId: 0 });
  const { words } = bech32.decode(text as `${string}1${string}`, false);
  return Uint8Array.from(words).subarray(0, -104);
};

/** A signed text with exactly these fields, whatever is wrong with them. */
export function craft(
  fields: readonly TaggedField[],
  options: {
    readonly prefix?: string;
    readonly recoveryId?: number;
    readonly highS?: boolean;
    readonly secret?: Uint8Array;
  } = {},
): string {
  const raw = { prefix: options.prefix ?? 'lnbc', timestamp: 1_496_314_658, fields };
  const hash = signingHash(raw.prefix, unsignedWords(raw), wasm);
  const signed = wasm.signRecoverable(hash, options.secret ?? secret);
  const signature = Uint8Array.from(signed.signature);
  if (options.highS === true) signature.set(wasm.scalarNegate(signature.subarray(32)), 32);
  return encodeInvoice({ raw, signature, recoveryId: options.recoveryId ?? signed.recoveryId });
}

/** The text with these words ahead of its signature, and a right checksum. */
export function appendWords(text: string, words: readonly number[]): string {
  const decoded = bech32.decode(text as `${string}1${string}`, false);
  const { length } = decoded.words;
  const all = [...decoded.words.slice(0, length - 104), ...words, ...decoded.words.slice(length - 104)];
  return bech32.encode(decoded.prefix, all, false);
}
