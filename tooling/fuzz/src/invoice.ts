import { decodeInvoice, encodeInvoice } from '@boltwright/invoice';
import { bech32 } from '@scure/base';
import { crypto } from './backend.ts';
import { invoiceSeeds } from './invoice-seeds.ts';
import { refusal, type Surface, type Target, violation } from './surface.ts';

/** Decodes, and where that works encodes again. */
function check(given: string): string {
  const decoded = decodeInvoice(given, { crypto });
  const strict = decodeInvoice(given, { crypto, strictFieldLengths: true });
  if (!decoded.ok) {
    if (strict.ok) violation('the strict reader took what the other refused');
    if (decoded.error.message.includes('\n')) violation('the message of an error is more than a line');
    return refusal(decoded.error);
  }
  const { value } = decoded;
  const bare = given.toLowerCase().replace(/^lightning:/, '');
  if (encodeInvoice(value) !== bare) violation(`${encodeInvoice(value)} is not ${bare}`);
  return `invoice with ${value.unknownFields.length > 0 ? 'unknown fields' : 'known fields'}, ${value.description.kind}`;
}

const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
const toBytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const text: Surface = {
  name: 'text',
  seeds: () => invoiceSeeds.map(toBytes),
  maxLength: 20_000,
  run: (input) => check(latin1(input)),
};

/** The prefix, a zero byte, then the data part's words: the checksum is made afterwards, so changes get behind it. */
const words: Surface = {
  name: 'words',
  seeds: () =>
    invoiceSeeds.map((invoice) => {
      const { prefix, words: data } = bech32.decode(invoice as `${string}1${string}`, false);
      return Uint8Array.from([...toBytes(prefix), 0, ...data]);
    }),
  maxLength: 10_000,
  run: (input) => {
    const end = input.indexOf(0);
    const prefix = latin1(input.subarray(0, Math.max(end, 0))).replace(/[^!-~]|[A-Z]/g, '');
    const data = Array.from(input.subarray(end + 1), (byte) => byte & 31);
    return check(bech32.encode(prefix === '' ? 'lnbc' : prefix, data, false));
  },
};

export const invoice: Target = { name: 'invoice', surfaces: [text, words] };
