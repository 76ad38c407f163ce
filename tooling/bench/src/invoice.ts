import { cltvDelta, msat, nodeIdOf, paymentHashOf, ready, shortChannelIdOf, unwrap } from '@boltwright/base';
import { type CryptoBackend, noble } from '@boltwright/crypto';
import { createInvoice, decodeInvoice } from '@boltwright/invoice';
import { fastest } from './backends.ts';
import { ldk, peer } from './peers.ts';
import type { Bench, BenchRow } from './report.ts';
import { type Contestant, sideBySide } from './side-by-side.ts';

const secret = new Uint8Array(32).fill(1);

type Details = Parameters<typeof createInvoice>[0];

const plain: Details = {
  network: 'bitcoin',
  amountMsat: msat(2_500_000n),
  timestamp: 1_700_000_000,
  paymentHash: paymentHashOf(noble.sha256(new Uint8Array(32))),
  paymentSecret: new Uint8Array(32).fill(2),
  description: { kind: 'text', text: '1 cup of coffee' },
};

const withHints: Details = {
  ...plain,
  expirySeconds: 3600,
  minFinalCltvExpiryDelta: cltvDelta(80),
  routeHints: [1, 2].map((block) => [
    {
      sourceNodeId: nodeIdOf(noble.publicKey(new Uint8Array(32).fill(block + 2))),
      shortChannelId: shortChannelIdOf(block, 2, 3),
      feeBaseMsat: 1000,
      feeProportionalMillionths: 100,
      cltvExpiryDelta: cltvDelta(40),
    },
  ]),
};

function create(details: Details, crypto: CryptoBackend): string {
  const signer = { signInvoice: (hash: Uint8Array) => ready(crypto.signRecoverable(hash, secret)) };
  const answer = createInvoice(details, signer, crypto);
  if (answer.kind === 'pending') throw new Error('the signer was ready');
  return answer.value;
}

interface Bolt11 {
  decode(text: string): { readonly signature?: string };
  encode(data: object, addDefaults?: boolean): object;
  sign(data: object, privateKey: Buffer): { readonly paymentRequest: string };
}
interface Decoder {
  decode(text: string): object;
}

/** Invoices read, and made and signed. */
export const bench: Bench = async () => {
  const notes = [
    'bolt11 and @node-lightning take the curve from native code that `secp256k1` ships for common platforms; ours is WebAssembly.',
    'All but light-bolt11-decoder recover the payee from the signature; that one does not look at it.',
    'Ours on the fastest backend (crypto-wasm, crypto-node); the rows "ours on noble" are without them.',
  ];
  const rows: BenchRow[] = [];
  const { Bolt11Invoice } = await ldk();
  const bolt11 = await peer<Bolt11>('bolt11', notes);
  const light = await peer<Decoder>('light-bolt11-decoder', notes);
  const lightning = await peer<Decoder>('@node-lightning/invoice', notes);
  for (const [name, details] of Object.entries({ plain, 'with two route hints': withHints })) {
    const text = create(details, fastest);
    unwrap(decodeInvoice(text, { crypto: noble }));
    if (!Bolt11Invoice.constructor_from_str(text).is_ok()) throw new Error('LDK does not take the invoice');
    const peers: Contestant[] = [
      { name: 'ours on noble', run: () => decodeInvoice(text, { crypto: noble }) },
      { name: 'LDK', run: () => Bolt11Invoice.constructor_from_str(text) },
    ];
    if (bolt11 !== undefined) peers.push({ name: 'bolt11', run: () => bolt11.decode(text) });
    if (light !== undefined) peers.push({ name: 'light-bolt11-decoder', run: () => light.decode(text) });
    if (lightning !== undefined) peers.push({ name: 'node-lightning', run: () => lightning.decode(text) });
    const ours = { name: 'ours', run: () => decodeInvoice(text, { crypto: fastest }) };
    rows.push(...sideBySide({ name: `decode, ${name}`, unit: 'ops/s', ours, peers }));
  }
  const makers: Contestant[] = [{ name: 'ours on noble', run: () => create(plain, noble) }];
  if (bolt11 !== undefined) {
    const data = {
      satoshis: 2500,
      timestamp: plain.timestamp,
      tags: [
        { tagName: 'payment_hash', data: plain.paymentHash },
        { tagName: 'payment_secret', data: Buffer.from(plain.paymentSecret).toString('hex') },
        { tagName: 'description', data: '1 cup of coffee' },
        { tagName: 'feature_bits', data: { var_onion_optin: { required: true }, payment_secret: { required: true } } },
      ],
    };
    const key = Buffer.from(secret);
    makers.push({ name: 'bolt11', run: () => bolt11.sign(bolt11.encode(data, false), key) });
  }
  const ours = { name: 'ours', run: () => create(plain, fastest) };
  rows.push(...sideBySide({ name: 'create and sign', unit: 'ops/s', ours, peers: makers }));
  return { rows, notes };
};
