// Bundles the page into a folder (`dist/page` unless one is given): no network is asked, at build time or later.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = process.argv[2] ?? fileURLToPath(new URL('../../dist/page', import.meta.url));

mkdirSync(target, { recursive: true });
await build({
  entryPoints: [join(here, 'main.ts')],
  outfile: join(target, 'page.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
});
for (const file of ['index.html', 'page.css']) copyFileSync(join(here, file), join(target, file));
