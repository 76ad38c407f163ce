import { msat, paymentHashOf } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { createInvoice, decodeInvoice } from '@boltwright/invoice';

const nodeKey = new Uint8Array(32).fill(1);
const signer = {
  signInvoice: (hash: Uint8Array) => ({ kind: 'ready' as const, value: noble.signRecoverable(hash, nodeKey) }),
};

const answer = createInvoice(
  {
    network: 'regtest',
    amountMsat: msat(2_500_000n),
    timestamp: 1_700_000_000,
    paymentHash: paymentHashOf(noble.sha256(new Uint8Array(32))),
    paymentSecret: new Uint8Array(32).fill(2),
    description: { kind: 'text', text: '1 cup of coffee' },
  },
  signer,
  noble,
);
if (answer.kind === 'pending') throw new Error('this signer is always ready');

const read = decodeInvoice(`lightning:${answer.value.toUpperCase()}`, { crypto: noble });
if (!read.ok) throw new Error(read.error.message);
export const { amountMsat, description, payee } = read.value;
