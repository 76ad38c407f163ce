import type { InvoiceNetwork } from './invoice.ts';

/** The currency in an invoice's prefix: BIP 173's human-readable parts. */
export const currencies: Readonly<Record<InvoiceNetwork, string>> = {
  bitcoin: 'bc',
  testnet: 'tb',
  signet: 'tbs',
  regtest: 'bcrt',
};

const networks: ReadonlyMap<string, InvoiceNetwork> = new Map(
  (Object.keys(currencies) as InvoiceNetwork[]).map((network) => [currencies[network], network]),
);

export const networkOf = (currency: string): InvoiceNetwork | undefined => networks.get(currency);
