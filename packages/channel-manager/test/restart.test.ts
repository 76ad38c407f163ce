import { msat, unwrap } from '@boltwright/base';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { describe, expect, test } from '@jest/globals';
import { balanceOf, Network, paymentIdOf } from './support/network.ts';
import type { TestNode } from './support/test-node.ts';

const crypto = createSimCrypto();
const now = 1_700_100_000_000;
const amount = 20_000_000n;

/** How a node dies at a commit: before it reached the medium, or after it did and before anyone heard. */
type Death = 'lost' | 'unheard';

interface Plan {
  readonly nodes: readonly string[];
  readonly watch: 'staged' | 'remote' | 'monitor';
  readonly seed: number;
  /** Who dies at which of its commits since the payment was begun; nobody where left out. */
  readonly kill?: { readonly victim: string; readonly commit: number; readonly death: Death };
  /** The payee takes it, or refuses it. */
  readonly outcome?: 'claim' | 'fail';
}

/** One payment along a line of nodes, with or without a death, and what must hold in the end. */
function run(plan: Plan): ReadonlyMap<string, number> {
  const network = new Network({ crypto, seed: plan.seed, watch: plan.watch });
  const nodes = plan.nodes.map((name) => network.add(name));
  const [payer, payee] = [nodes[0]!, nodes.at(-1)!];
  for (let i = 0; i + 1 < nodes.length; i++) network.open(nodes[i]!, nodes[i + 1]!);
  if (plan.outcome === 'fail') {
    network.application = (node, event) => {
      if (event.kind === 'paymentClaimable') node.manager.failHtlcBackwards(event.paymentHash);
    };
  }
  const before = new Map(nodes.map((node) => [node, balanceOf(node) as bigint]));
  const commits = new Map(plan.nodes.map((name) => [name, 0]));
  network.beforeCommit = (node) => {
    const count = commits.get(node.name)!;
    commits.set(node.name, count + 1);
    if (plan.kill?.victim !== node.name || plan.kill.commit !== count) return false;
    network.restart(node, plan.kill.death === 'unheard' ? 1 : 0);
    return true;
  };
  const { invoice } = unwrap(payee.manager.createInvoice({ amountMsat: msat(amount), description: '', now }));
  const begin = (): void => {
    // What the user of a payer that died does: he asks again, with the same id.
    if (payer.manager.listPayments().length > 0) return;
    unwrap(payer.manager.sendPayment(invoice, paymentIdOf(1), { retryAttempts: 3, now }));
  };
  begin();
  for (let steps = 0; network.step(); steps++) {
    if (steps > 20_000) throw new Error('this does not come to rest');
    if (network.beforeCommit !== neverAgain && plan.kill !== undefined && nodes.some(({ starts }) => starts > 1)) {
      network.beforeCommit = neverAgain;
    }
    if (nodes.every((node) => node.manager.listChannels().every(({ isUsable }) => isUsable))) begin();
  }
  check(network, nodes, before, plan);
  return commits;
}

const neverAgain = (): boolean => false;

function check(network: Network, nodes: readonly TestNode[], before: ReadonlyMap<TestNode, bigint>, plan: Plan): void {
  const [payer, payee] = [nodes[0]!, nodes.at(-1)!];
  const fee = nodes.length > 2 ? 3000n : 0n;
  const moved = plan.outcome === 'fail' ? 0n : 1n;
  expect(payer.manager.listPayments()).toMatchObject([
    { state: plan.outcome === 'fail' ? 'failed' : 'succeeded', partsInFlight: 0 },
  ]);
  expect(balanceOf(payer)).toBe(before.get(payer)! - moved * (amount + fee));
  expect(balanceOf(payee)).toBe(before.get(payee)! + moved * amount);
  for (const middle of nodes.slice(1, -1)) expect(balanceOf(middle)).toBe(before.get(middle)! + moved * fee);
  expect(payer.events(plan.outcome === 'fail' ? 'paymentFailed' : 'paymentSent')).toHaveLength(1);
  expect(payer.events(plan.outcome === 'fail' ? 'paymentSent' : 'paymentFailed')).toEqual([]);
  expect(payee.events('paymentClaimed')).toHaveLength(Number(moved));
  for (const node of nodes) {
    expect(node.events('channelClosed')).toEqual([]);
    expect(node.events('channelFrozen')).toEqual([]);
    expect(node.manager.listChannels().map(({ state }) => state)).toEqual(
      node.manager.listChannels().map(() => 'normal'),
    );
    expect(node.records().filter((key) => /^(inbound|settlement|watch|event)\//.test(key))).toEqual([]);
    expect(node.log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  }
  expect(network.delivered.filter(({ message }) => message.type === 'error')).toEqual([]);
}

const lines = [
  ['a direct payment', ['alice', 'bob']],
  ['a forwarded payment', ['alice', 'bob', 'carol']],
] as const;

describe.each(['monitor', 'remote'] as const)('with a %s watch', (watch) => {
  describe.each(lines)('%s survives a death at each commit', (_name, names) => {
    test.each(['claim', 'fail'] as const)('that ends in %s', (outcome) => {
      const plan: Plan = { nodes: names, watch, seed: 7, outcome };
      const commits = run(plan);
      let deaths = 0;
      for (const [victim, count] of commits) {
        for (let commit = 0; commit < count; commit++) {
          for (const death of ['lost', 'unheard'] as const) {
            // Every one for a claimed payment in one batch, every third one for the rest.
            const isThinned = watch === 'remote' || outcome === 'fail';
            if (isThinned && (commit + (death === 'lost' ? 0 : 1)) % 3 !== 0) continue;
            try {
              run({ ...plan, kill: { victim, commit, death } });
            } catch (error) {
              throw new Error(`${victim} dies at commit ${commit}, ${death}: ${(error as Error).message}`);
            }
            deaths++;
          }
        }
      }
      expect(deaths).toBeGreaterThan(8);
    });
  });
});

describe('random deaths', () => {
  test.each([1, 2, 3, 4, 5, 6])('while payments cross each other, none is lost or paid twice (seed %i)', (seed) => {
    const network = new Network({ crypto, seed, watch: seed % 2 === 0 ? 'monitor' : 'remote' });
    const nodes = ['alice', 'bob', 'carol'].map((name) => network.add(name)) as [TestNode, TestNode, TestNode];
    const [alice, bob, carol] = nodes;
    network.open(alice, bob);
    network.open(bob, carol);
    const before = new Map(nodes.map((node) => [node, balanceOf(node) as bigint]));
    const invoices = [
      [alice, carol, 2_000_000n],
      [carol, alice, 3_000_000n],
      [bob, alice, 4_000_000n],
      [alice, carol, 5_000_000n],
      [carol, bob, 6_000_000n],
    ] as const;
    const orders = invoices.map(([payer, payee, amountMsat], i) => {
      const created = payee.manager.createInvoice({ amountMsat: msat(amountMsat), description: '', now });
      return { payer, payee, amountMsat, paymentId: paymentIdOf(i), ...unwrap(created) };
    });
    const begin = (): void => {
      if (!nodes.every((node) => node.manager.listChannels().every(({ isUsable }) => isUsable))) return;
      for (const { payer, paymentId, invoice } of orders) {
        if (payer.manager.listPayments().some((payment) => payment.paymentId === paymentId)) continue;
        payer.manager.sendPayment(invoice, paymentId, { now, retryAttempts: 10 });
      }
    };
    let deaths = 0;
    begin();
    for (let steps = 0; ; steps++) {
      if (steps > 20_000) throw new Error('this does not come to rest');
      if (deaths < 25 && network.random.below(12) === 0) {
        deaths++;
        network.restart(nodes[network.random.below(3)]!, network.random.below(3));
      }
      begin();
      if (!network.step()) break;
    }
    let paid = 0;
    const expected = new Map(before);
    for (const { payer, payee, amountMsat, paymentId, paymentHash } of orders) {
      const payment = payer.manager.listPayments().find((one) => one.paymentId === paymentId)!;
      const claimed = payee
        .events('paymentClaimed')
        .filter((event) => event.kind === 'paymentClaimed' && event.paymentHash === paymentHash);
      expect(['succeeded', 'failed']).toContain(payment.state);
      expect(claimed).toHaveLength(payment.state === 'succeeded' ? 1 : 0);
      if (payment.state === 'failed') continue;
      paid++;
      expected.set(payer, expected.get(payer)! - amountMsat - payment.feePaidMsat!);
      expected.set(payee, expected.get(payee)! + amountMsat);
      if (payer !== bob && payee !== bob) expected.set(bob, expected.get(bob)! + payment.feePaidMsat!);
    }
    expect(deaths).toBe(25);
    expect(paid).toBeGreaterThan(0);
    for (const node of nodes) {
      expect([node.name, balanceOf(node)]).toEqual([node.name, expected.get(node)]);
      expect([...node.events('channelClosed'), ...node.events('channelFrozen')]).toEqual([]);
      expect(node.records().filter((key) => /^(inbound|settlement|watch|event)\//.test(key))).toEqual([]);
    }
  });
});
