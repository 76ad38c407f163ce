// `npm start`: two nodes on an embedded chain, over TCP: open, pay both ways, close, check every balance.
import { Listr } from 'listr2';
import { figures, type Summary, shortId, TwoNodes } from './story/two-nodes.ts';

const began = performance.now();
const story = new TwoNodes();
const number = (value: bigint): string => value.toLocaleString('en');

const tasks = new Listr(
  [
    {
      title: 'Two nodes start on a fresh regtest chain',
      task: async (_context, task): Promise<void> => {
        await story.start();
        task.title = `Two nodes start: Alice ${shortId(story.alice.nodeId)}, Bob ${shortId(story.bob.nodeId)}`;
      },
    },
    {
      title: `Each gets ${number(figures.coins)} sat on chain`,
      task: (): void => story.fund(),
    },
    {
      title: 'Alice connects to Bob',
      task: async (_context, task): Promise<void> => {
        const port = await story.connect();
        task.title = `Alice connects to Bob over TCP, port ${port}: BOLT 8 handshake, init`;
      },
    },
    {
      title: `Alice opens a channel of ${number(figures.channel)} sat`,
      task: async (_context, task): Promise<void> => {
        const { txid, vout } = await story.open();
        task.title = `Alice opens a channel of ${number(figures.channel)} sat: ${txid.slice(0, 16)}…:${vout}`;
      },
    },
    {
      title: 'Six blocks: the channel is ready',
      task: (): Promise<void> => story.confirm(),
    },
    {
      title: `${figures.payments.length} payments, each by a BOLT 11 invoice`,
      task: (_context, task) =>
        task.newListr(
          figures.payments.map((amount) => {
            const [from, to] = amount > 0n ? ['Alice', 'Bob'] : ['Bob', 'Alice'];
            const satoshis = number(amount > 0n ? amount : -amount);
            const title = `${from.padEnd(5)} → ${to.padEnd(5)} ${satoshis.padStart(9)} sat`;
            return {
              title,
              task: async (_inner, payment): Promise<void> => {
                payment.title = `${title}   ${(await story.pay(amount)).toFixed(0)} ms`;
              },
            };
          }),
          { rendererOptions: { collapseSubtasks: false } },
        ),
    },
    {
      title: 'Alice closes the channel with Bob',
      task: async (_context, task): Promise<void> => {
        task.title = `Alice closes the channel with Bob: ${(await story.close()).slice(0, 16)}…`;
      },
    },
    {
      title: 'The closing transaction is mined',
      task: (): Promise<void> => story.mineClose(),
    },
  ],
  { concurrent: false },
);

function report({ payments, paidEachWay, fundingFee, closingFee, alice, bob, correct }: Summary): void {
  const line = (name: string, { expected, found }: { expected: bigint; found: bigint }): string =>
    `  ${name.padEnd(6)} ${number(found).padStart(10)} sat on chain, ${found === expected ? 'as the payments say' : `but ${number(expected)} is right`}`;
  console.log(`
${payments} payments: ${number(paidEachWay[0])} sat from Alice to Bob, ${number(paidEachWay[1])} sat back
fees to the miner, paid by Alice: ${number(fundingFee)} sat to open, ${number(closingFee)} sat to close
${line('Alice', alice)}
${line('Bob', bob)}
${correct ? 'Every balance is right to the satoshi.' : 'A BALANCE IS WRONG.'} It took ${((performance.now() - began) / 1000).toFixed(1)} s.`);
}

try {
  await tasks.run();
  const summary = story.summary();
  report(summary);
  process.exitCode = summary.correct ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
} finally {
  await story.stop();
}
