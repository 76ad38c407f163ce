import { type Sat, sat } from '@boltwright/base';
import { BitcoindChain } from '../chain/bitcoind-chain.ts';
import { findBitcoind } from '../chain/bitcoind-process.ts';
import { EmbeddedChain } from '../chain/embedded-chain.ts';
import type { StoryChain } from '../chain/story-chain.ts';
import { startLdkNode } from '../ldk/start-ldk-node.ts';
import { OurNode } from '../ours/our-node.ts';
import type { StoryNode } from '../story-node.ts';
import type { Story } from './stories.ts';
import { check, type World } from './world.ts';

export type ChainName = 'regtest' | 'bitcoind';

/** What came of a story. */
export interface Told {
  readonly transactions: number;
  readonly seconds: number;
}

const coins: Sat = sat(20_000_000n);

/** @throws Error where there is no bitcoind. */
export async function startChain(name: ChainName): Promise<StoryChain> {
  if (name === 'regtest') return new EmbeddedChain();
  const program = findBitcoind();
  if (program === undefined) throw new Error('no bitcoind: set BITCOIND to its path, or put it on the PATH');
  return BitcoindChain.start(program);
}

export interface TellOptions {
  readonly chain: StoryChain;
  readonly anchors: boolean;
  /** Both sides LDK: the control of the harness. */
  readonly control?: boolean;
  readonly log?: (line: string) => void;
}

/** Plays one story with fresh nodes, and checks that the chain refused none of their transactions. */
export async function tell(story: Story, { chain, anchors, control = false, log }: TellOptions): Promise<Told> {
  const began = performance.now();
  const nodes: StoryNode[] = [];
  const started = <Node extends StoryNode>(node: Node): Node => {
    nodes.push(node);
    return node;
  };
  const names = (name: string): string => `${name}, ${story.title}, ${anchors ? 'anchors' : 'static'}`;
  const theirs: World['theirs'] = async (name, options = {}) =>
    started(
      await startLdkNode(chain, {
        name: names(name),
        anchors,
        coins,
        ...options,
        ...(log === undefined ? {} : { log }),
      }),
    );
  const ours = async (name: string): Promise<StoryNode> =>
    started(await OurNode.start(chain, { name: names(name), anchors, coins }));
  const before = (await chain.refusals()).length;
  const world: World = { chain, theirs, ours: control ? (name) => theirs(name) : ours };
  try {
    await story.tell(world);
    const refused = (await chain.refusals()).slice(before);
    check(
      refused.length === 0,
      `the chain refused ${refused.map(({ txid, reason }) => `${txid}: ${reason}`).join('; ')}`,
    );
    return {
      transactions: new Set(nodes.flatMap((node) => node.broadcasts().map(({ txid }) => txid))).size,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    for (const node of nodes) await node.stop();
  }
}
