#!/usr/bin/env node
import { Agent, request } from 'node:http';
import { Command } from 'commander';
import { Random } from './random.ts';

interface Options {
  readonly url: string;
  readonly seconds: string;
  readonly connections: string;
}

interface Answer {
  readonly status: number;
  readonly milliseconds: number;
}

/**
 * Loads a running service: seeded pairs among its 100 largest nodes and their neighbours, amounts from 10 sat to
 * 1,000,000 sat, each connection asking again as soon as it is answered.
 */
const options = new Command('measure')
  .option('--url <url>', 'the service', 'http://127.0.0.1:8080')
  .option('--seconds <count>', 'how long', '10')
  .option('--connections <count>', 'how many ask at once', '8')
  .parse()
  .opts<Options>();

const agent = new Agent({ keepAlive: true, maxSockets: Number(options.connections) });

function ask(body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const asked = request(
      `${options.url}/route`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } },
      (response) => {
        response.on('data', () => {});
        response.on('end', () => resolve({ status: response.statusCode!, milliseconds: performance.now() - began }));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

async function readIds(): Promise<readonly string[]> {
  const { nodes } = (await (await fetch(`${options.url}/nodes?limit=100`)).json()) as { nodes: { nodeId: string }[] };
  const ids = new Set<string>();
  for (const { nodeId } of nodes.slice(0, 30)) {
    const answer = await fetch(`${options.url}/around/${nodeId}?hops=2&limit=100`);
    const around = (await answer.json()) as { nodes: { nodeId: string }[] };
    for (const node of around.nodes) ids.add(node.nodeId);
  }
  return [...ids];
}

const ids = await readIds();
const random = new Random(1);
const question = () => {
  const payer = random.draw(ids);
  const payee = random.draw(ids.filter((id) => id !== payer));
  return JSON.stringify({ payer, payee, amountMsat: String(Math.floor(10_000 * 100_000 ** random.next())) });
};
const answers: Answer[] = [];
const run = async (seconds: number) => {
  answers.length = 0;
  const end = performance.now() + seconds * 1000;
  const connection = async () => {
    while (performance.now() < end) answers.push(await ask(question()));
  };
  await Promise.all(Array.from({ length: Number(options.connections) }, connection));
};
await run(Math.min(3, Number(options.seconds))); // the compiler's warming up
await run(Number(options.seconds));
agent.destroy();

const times = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
const at = (share: number) => times[Math.floor(share * (times.length - 1))]!.toFixed(1);
const counts = new Map<number, number>();
for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
console.log(`${Math.round(times.length / Number(options.seconds))} requests/s over ${options.connections} connections`);
console.log(`p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`);
console.log(`statuses: ${[...counts].map(([status, count]) => `${status}: ${count}`).join(', ')}`);
