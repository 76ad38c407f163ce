import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a bitcoind is: `BITCOIND`, then the PATH; undefined where there is none. */
export function findBitcoind(): string | undefined {
  const given = process.env['BITCOIND'];
  if (given !== undefined && given !== '') return given;
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'bitcoind'))
    .find((path) => existsSync(path));
}

/** An answer of bitcoind's that is an error. */
export class RpcError extends Error {
  readonly code: number;

  constructor(method: string, code: number, message: string) {
    super(`${method}: ${message} (${code})`);
    this.name = 'RpcError';
    this.code = code;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** A real bitcoind on regtest in a folder of its own, alone on loopback. */
export class BitcoindProcess {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #port: number;
  #exited = false;
  #next = 0;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#process = child;
    this.#folder = folder;
    this.#port = port;
    child.once('exit', () => {
      this.#exited = true;
    });
  }

  static async start(program: string): Promise<BitcoindProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'boltwright-bitcoind-'));
    const port = await freePort();
    const child = spawn(
      program,
      [
        '-regtest',
        `-datadir=${folder}`,
        `-rpcport=${port}`,
        '-listen=0',
        '-server=1',
        '-txindex=1',
        '-dnsseed=0',
        '-fallbackfee=0.00001',
        '-minrelaytxfee=0.00001',
        '-printtoconsole=0',
      ],
      { stdio: 'ignore' },
    );
    const bitcoind = new BitcoindProcess(child, folder, port);
    for (let attempt = 0; attempt < 300; attempt++) {
      if (bitcoind.#exited) throw new Error(`bitcoind ended at once; see ${folder}`);
      try {
        await bitcoind.call('getblockcount');
        return bitcoind;
      } catch {
        await sleep(100);
      }
    }
    await bitcoind.stop();
    throw new Error('bitcoind did not answer within 30 seconds');
  }

  /** One JSON-RPC call. Rejects with {@link RpcError} for bitcoind's own errors. */
  async call(method: string, ...parameters: readonly unknown[]): Promise<unknown> {
    const cookie = readFileSync(join(this.#folder, 'regtest', '.cookie'), 'utf8');
    const response = await fetch(`http://127.0.0.1:${this.#port}/`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(cookie).toString('base64')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '1.0', id: this.#next++, method, params: parameters }),
    });
    const answer = (await response.json()) as {
      readonly result: unknown;
      readonly error: { readonly code: number; readonly message: string } | null;
    };
    if (answer.error !== null) throw new RpcError(method, answer.error.code, answer.error.message);
    return answer.result;
  }

  async stop(): Promise<void> {
    if (!this.#exited) {
      const exited = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
      this.#process.kill('SIGTERM');
      const killer = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(killer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
