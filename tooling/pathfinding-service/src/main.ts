#!/usr/bin/env node
import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { GraphSource } from './prepare-snapshot.ts';
import { Primary } from './primary.ts';
import { runWorker } from './worker.ts';

interface Options {
  readonly snapshot?: string;
  readonly csv?: string;
  readonly demo?: number;
  readonly port: number;
  readonly host: string;
  readonly workers: number;
}

const wholeNumber = (least: number, most: number) => (text: string) => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`);
};

const command: Command = new Command('boltwright-pathfinding')
  .description('Finds routes through the Lightning network, over HTTP. Give one of --snapshot, --csv and --demo.')
  .addOption(new Option('--snapshot <file>', 'a graph written by writeSnapshot').conflicts(['csv', 'demo']))
  .addOption(new Option('--csv <folder>', 'tables *nodes.csv and *channels.csv, or .csv.gz').conflicts(['demo']))
  .addOption(new Option('--demo <channels>', 'a made network').argParser(wholeNumber(1, 1_000_000)))
  .addOption(new Option('--port <port>', '0 for any that is free').argParser(wholeNumber(0, 65_535)).default(8080))
  .option('--host <host>', 'the address to listen at', '127.0.0.1')
  .addOption(new Option('--workers <count>', 'processes').argParser(wholeNumber(1, 64)).default(1))
  .addHelpText(
    'after',
    '\nSIGHUP, or POST /reload from this machine, loads the source again; SIGTERM ends after the requests under way.',
  );

function sourceOf(options: Options): GraphSource | undefined {
  if (options.snapshot !== undefined) return { kind: 'snapshot', file: options.snapshot };
  if (options.csv !== undefined) return { kind: 'csv', folder: options.csv };
  return options.demo === undefined ? undefined : { kind: 'demo', channels: options.demo };
}

async function runPrimary(options: Options): Promise<void> {
  const source = sourceOf(options);
  if (source === undefined) command.error('error: one of --snapshot, --csv and --demo is needed');
  const page = fileURLToPath(new URL('../dist/page/', import.meta.url));
  const log = (line: string) => console.error(line);
  const started = await Primary.start({
    source,
    host: options.host,
    port: options.port,
    workers: options.workers,
    pageFolder: existsSync(page) ? page : undefined,
    program: fileURLToPath(import.meta.url),
    log,
  });
  if (!started.ok) {
    console.error(`error: ${started.error.message}`);
    process.exitCode = 1;
    return;
  }
  const primary = started.value;
  console.log(`listening at ${primary.address}`);
  process.on('SIGHUP', async () => {
    const report = await primary.reload();
    log(
      report.ok
        ? `loaded generation ${report.value.generation}: ${report.value.channels} channels, ${report.value.nodes} nodes`
        : `reload failed, the old graph stays: ${report.error.message}`,
    );
  });
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, async () => {
      if (stopping) return;
      stopping = true;
      await primary.stop();
      process.exit(0);
    });
  }
}

if (cluster.isWorker) runWorker();
else await runPrimary(command.parse().opts<Options>());
