import { createHash } from 'node:crypto';
import {
  cltvDelta,
  compareBytes,
  fromHex,
  msat,
  type OutPoint,
  type RawTransaction,
  type ShortChannelId,
  sat,
  shortChannelIdOf,
  txid,
  unwrap,
} from '@boltwright/base';
import { RegtestChain, regtestChainHash } from '@boltwright/chain-regtest';
import { noble } from '@boltwright/crypto';
import type { Scorer } from '@boltwright/interfaces';
import { decodeInvoice } from '@boltwright/invoice';
import { fundingOutputScript, fundingWitnessScript } from '@boltwright/routing';
import {
  type ChannelAnnouncement,
  type ChannelUpdate,
  channelAnnouncement,
  channelUpdate,
  signedPart,
} from '@boltwright/wire';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { script as scripts, Transaction } from 'bitcoinjs-lib';
import { createNode, embeddedChain, type LightningNode, type NodeOptions } from '../src/index.ts';
import { until } from './support/pair.ts';

// Intervals never fire here: time passes where a test says so.
jest.useFakeTimers({
  doNotFake: [
    'setTimeout',
    'clearTimeout',
    'setImmediate',
    'clearImmediate',
    'nextTick',
    'performance',
    'Date',
    'hrtime',
    'queueMicrotask',
  ],
});

const running: LightningNode[] = [];
afterEach(async () => {
  for (const node of running.splice(0)) await node.stop();
});

const hash = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());

async function node(chain: RegtestChain, name: string, options: Partial<NodeOptions> = {}): Promise<LightningNode> {
  const made = await createNode({ seed: hash(name), chain: embeddedChain(chain), ...options });
  running.push(made);
  return made;
}

async function connected(from: LightningNode, to: LightningNode): Promise<void> {
  unwrap(await from.connect(to.nodeId, unwrap(await to.listen({ host: '127.0.0.1', port: 0 }))));
}

interface Key {
  readonly secret: Uint8Array;
  readonly point: Uint8Array;
}

/** Two keys, the lesser first, as announcements have them (BOLT 7). */
const keys = (...names: readonly [string, string]): readonly [Key, Key] => {
  const [a, b] = names.map((name) => ({ secret: hash(name), point: noble.publicKey(hash(name)) })) as [Key, Key];
  return compareBytes(a.point, b.point) < 0 ? [a, b] : [b, a];
};

const now = 1_800_000_000;
const strangers = keys('stranger one', 'stranger two');
const funding = keys('funding one', 'funding two');
const value = sat(1_000_000n);
const noSignature = new Uint8Array(64);

/** A channel between two strangers, announced: what they would send. */
function announced(id: ShortChannelId): readonly Uint8Array[] {
  const unsigned: ChannelAnnouncement = {
    type: 'channel_announcement',
    nodeSignature1: noSignature,
    nodeSignature2: noSignature,
    bitcoinSignature1: noSignature,
    bitcoinSignature2: noSignature,
    features: new Uint8Array(0),
    chainHash: regtestChainHash,
    shortChannelId: id,
    nodeId1: strangers[0].point,
    nodeId2: strangers[1].point,
    bitcoinKey1: funding[0].point,
    bitcoinKey2: funding[1].point,
  };
  const digest = noble.hash256(signedPart(channelAnnouncement.encode(unsigned)));
  const announcement = channelAnnouncement.encode({
    ...unsigned,
    nodeSignature1: noble.sign(digest, strangers[0].secret),
    nodeSignature2: noble.sign(digest, strangers[1].secret),
    bitcoinSignature1: noble.sign(digest, funding[0].secret),
    bitcoinSignature2: noble.sign(digest, funding[1].secret),
  });
  const updates = strangers.map(({ secret }, direction) => {
    const update: ChannelUpdate = {
      type: 'channel_update',
      signature: noSignature,
      chainHash: regtestChainHash,
      shortChannelId: id,
      timestamp: now - 100,
      messageFlags: 1,
      channelFlags: direction,
      cltvExpiryDelta: cltvDelta(40),
      htlcMinimumMsat: msat(1n),
      feeBaseMsat: 1000,
      feeProportionalMillionths: 100,
      htlcMaximumMsat: msat(900_000_000n),
    };
    const signature = noble.sign(noble.hash256(signedPart(channelUpdate.encode(update))), secret);
    return channelUpdate.encode({ ...update, signature });
  });
  return [announcement, ...updates];
}

/** Spends the strangers' funding output to nobody, with both their signatures. */
function closing(outpoint: OutPoint): RawTransaction {
  const script = fundingWitnessScript(funding[0].point, funding[1].point);
  const transaction = new Transaction();
  transaction.version = 2;
  transaction.addInput(fromHex(outpoint.txid).reverse(), outpoint.vout);
  transaction.addOutput(new Uint8Array([0, 20, ...new Uint8Array(20).fill(3)]), value - 1000n);
  const digest = transaction.hashForWitnessV0(0, script, value, Transaction.SIGHASH_ALL);
  const signatures = funding.map(({ secret }) =>
    scripts.signature.encode(noble.sign(digest, secret), Transaction.SIGHASH_ALL),
  );
  transaction.setWitness(0, [new Uint8Array(0), ...signatures, script]);
  return { txid: txid(transaction.getId()), bytes: transaction.toBuffer() };
}

describe('the default node and the public graph', () => {
  test('takes in what is on chain, passes it on, and forgets a channel 72 blocks after its end', async () => {
    const chain = new RegtestChain();
    const [alice, bob] = [
      await node(chain, 'alice', { now: () => now * 1000 }),
      await node(chain, 'bob', { now: () => now * 1000 }),
    ];
    await connected(alice, bob);
    const script = fundingOutputScript(noble, funding[0].point, funding[1].point);
    const { outpoints, block } = chain.fund({ script, value });
    chain.mine(6);
    const place = chain.blockAt(block.height)!.transactions.findIndex(({ txid }) => txid === outpoints[0]!.txid);
    const id = shortChannelIdOf(block.height, place, 0);
    // What is her own Alice believes; Bob finds that there is no such output, good as the signatures are.
    const made = shortChannelIdOf(block.height, place, 9);
    unwrap(alice.gossip.announce(announced(made)[0]!));
    for (const raw of announced(id)) unwrap(alice.gossip.announce(raw));
    alice.timerTick();
    await until('Bob hears of the channel', () => bob.graph.channel(id)?.policy2 !== undefined);
    expect([...bob.graph.channels()]).toMatchObject([{ shortChannelId: id, capacitySat: value, policy1: {} }]);
    expect(alice.graph.channel(made)).toBeDefined();
    unwrap(chain.submit(closing(outpoints[0]!)));
    chain.mine(72);
    expect(bob.graph.channelCount).toBe(1);
    chain.mine(1);
    expect(bob.graph.channelCount).toBe(0);
  });

  test('a peer that tells of its channel with us is named in our invoices; the graph does not hear of it', async () => {
    const chain = new RegtestChain();
    const heard: string[] = [];
    const scorer: Scorer = {
      penaltyMsat: () => 0,
      pathFailed: () => heard.push('failed'),
      pathSucceeded: ({ hops }) => heard.push(`succeeded over ${hops.length}`),
      timePassed: (seconds) => heard.push(`${seconds} s`),
    };
    let time = now * 1000;
    const clock = (): number => time;
    const [alice, bob] = [await node(chain, 'alice', { scorer, now: clock }), await node(chain, 'bob', { now: clock })];
    chain.fund({ script: alice.wallet.newScript(), value: sat(2_000_000n) });
    await connected(alice, bob);
    unwrap(alice.openChannel(bob.nodeId, value));
    await until('the funding transaction', () => chain.mempool().length === 1);
    chain.mine(6);
    const hints = (payee: LightningNode) =>
      unwrap(decodeInvoice(unwrap(payee.createInvoice(msat(1000n), '')).invoice, { crypto: noble })).routeHints;
    await until('a way', () => hints(bob).length === 1 && alice.channels().some(({ isUsable }) => isUsable));
    expect(hints(bob)).toMatchObject([[{ sourceNodeId: alice.nodeId }]]);
    const { invoice } = unwrap(bob.createInvoice(msat(5_000_000n), 'a bicycle'));
    expect(unwrap(await alice.pay(invoice))).toMatchObject({ kind: 'sent' });
    alice.timerTick();
    time += 60_000;
    alice.timerTick();
    expect(heard).toEqual(['succeeded over 1', '60 s']);
    for (const { graph } of [alice, bob]) expect(graph.channelCount).toBe(0);
  });
});
