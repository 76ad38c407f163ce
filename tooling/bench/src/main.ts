import { type Bench, print } from './report.ts';

/** Benchmarks by name, each loaded when it runs. */
const benches: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  crypto: () => import('./crypto.ts'),
  wire: () => import('./wire.ts'),
  noise: () => import('./noise.ts'),
  onion: () => import('./onion.ts'),
  invoice: () => import('./invoice.ts'),
  routing: () => import('./routing.ts'),
  channel: () => import('./channel.ts'),
  payments: () => import('./payments.ts'),
  size: () => import('./size.ts'),
};

const [name = 'all', ...options] = process.argv.slice(2).filter((argument) => argument !== '--');
const chosen = name === 'all' ? Object.keys(benches) : [name];
for (const bench of chosen) {
  const load = benches[bench];
  if (load === undefined) {
    console.error(`unknown benchmark '${bench}'; known: ${Object.keys(benches).join(', ')}, all`);
    process.exit(1);
  }
  print(bench, await (await load()).bench(), options.includes('--json'));
}
