// The table of parts in tooling/docs/ARCHITECTURE.md: a package imports only from rows below its own, from its own row only where
// `sideways` says so. Imports of packages that are not listed fail the check, so that a new package finds its row.

/** Rows, lowest first. */
export const rows = [
  ['base', 'crypto', 'crypto-wasm', 'crypto-node'],
  ['wire', 'interfaces'],
  ['noise', 'invoice', 'onion', 'transactions', 'keys'],
  ['routing', 'monitor', 'channel'],
  ['peer-manager', 'channel-manager'],
  ['net-tcp', 'chain-regtest', 'store-memory', 'store-turns', 'wallet'],
  ['boltwright'],
];

/** Imports within one row: package → what it may use. */
export const sideways = {
  crypto: ['base'],
  'crypto-wasm': ['base', 'crypto'],
  'crypto-node': ['base', 'crypto'],
  interfaces: ['wire'],
  keys: ['transactions'],
  'store-memory': ['store-turns'],
};

/** Rows 0 to 4: no Node built-in, no I/O. */
export const core = rows
  .slice(0, 5)
  .flat()
  .filter((name) => name !== 'crypto-node');

export const rowOf = (name) => rows.findIndex((row) => row.includes(name));

export function mayImport(from, to) {
  if (from === to) return true;
  return rowOf(to) < rowOf(from) || (sideways[from] ?? []).includes(to);
}
