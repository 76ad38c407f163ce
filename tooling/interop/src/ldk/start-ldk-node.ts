import { createHash } from 'node:crypto';
import { feeratePerKw, type Sat, sat, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { OnChainWallet } from '@boltwright/wallet';
import type { StoryChain } from '../chain/story-chain.ts';
import { LdkNode } from './ldk-node.ts';
import { loadLdk } from './load-ldk.ts';

export interface StartLdkOptions {
  readonly name: string;
  readonly anchors: boolean;
  /** Announce its channels and itself; unannounced by default. */
  readonly announce?: boolean;
  /** What its wallet gets; nothing by default. */
  readonly coins?: Sat;
  readonly log?: (line: string) => void;
}

/** An LDK node on the story's chain, with a wallet of ours to fund its channels. */
export async function startLdkNode(chain: StoryChain, options: StartLdkOptions): Promise<LdkNode> {
  await loadLdk();
  const seed = new Uint8Array(createHash('sha256').update(`ldk ${options.name}`).digest());
  const wallet = new OnChainWallet({ crypto: noble, seed, network: 'regtest', birthday: chain.tip() });
  const detachWallet = chain.attach(wallet);
  const coins = options.coins ?? sat(10_000_000n);
  await chain.fund(wallet.newScript(), coins);
  const node = new LdkNode({
    name: options.name,
    seed,
    tip: chain.tip(),
    time: Math.floor(chain.now() / 1000),
    options: { anchors: options.anchors, announce: options.announce ?? false },
    feeratePerKw: () => chain.fees.feerate('nonAnchorChannel'),
    broadcast: (transactions) => chain.broadcaster.broadcastPackage(transactions),
    fund: (value, script) => unwrap(wallet.buildFunding([{ value, script }], feeratePerKw(1000))),
    ...(options.log === undefined ? {} : { log: options.log }),
  });
  const detachNode = chain.attach(node);
  node.whenStopped(() => {
    detachWallet();
    detachNode();
  });
  return node;
}
