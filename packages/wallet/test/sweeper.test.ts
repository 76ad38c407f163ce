import { fromHex, type OutPoint, type Sat, type Script, sat, toHex, unwrap } from '@boltwright/base';
import { RegtestChain } from '@boltwright/chain-regtest';
import { noble } from '@boltwright/crypto';
import type {
  ChannelTransactionParameters,
  CommitmentFormat,
  EventId,
  SignerProvider,
  SpendableOutput,
} from '@boltwright/interfaces';
import { KeysManager } from '@boltwright/keys';
import {
  delayedWitnessScript,
  derivePublicKey,
  p2wpkh,
  p2wsh,
  parseTransaction,
  toRemoteAnchorsWitnessScript,
  transactionWeight,
} from '@boltwright/transactions';
import { describe, expect, test } from '@jest/globals';
import { OnChainWallet, Sweeper } from '../src/index.ts';

const keys = new KeysManager({ seed: new Uint8Array(32).fill(7), crypto: noble, entropy: (n) => new Uint8Array(n) });
const channelKeysId = keys.channelKeysId(false, new Uint8Array(32).fill(9));
const signer = keys.channelSigner(channelKeysId, sat(1_000_000n));
const delay = 10;
const id = '0000000001' as EventId;

const parameters = (commitmentFormat: CommitmentFormat): ChannelTransactionParameters => {
  const side = { pubkeys: signer.pubkeys, dustLimitSatoshis: sat(354n), toSelfDelay: delay };
  return {
    commitmentFormat,
    holderIsOpener: true,
    holder: side,
    counterparty: side,
    fundingOutpoint: { txid: '00'.repeat(32) as OutPoint['txid'], vout: 0 },
    fundingSatoshis: sat(1_000_000n),
  };
};

type Kind = 'toRemote' | 'toRemoteAnchors' | 'delayed' | 'wallet';

const point = noble.publicKey(new Uint8Array(32).fill(5))!;
const delayedScript = delayedWitnessScript(
  signer.pubkeys.revocationBasepoint,
  delay,
  derivePublicKey(noble, point, signer.pubkeys.delayedPaymentBasepoint),
);

function scriptOf(kind: Kind): Script {
  if (kind === 'delayed') return p2wsh(noble, delayedScript);
  if (kind === 'toRemote') return p2wpkh(noble, signer.pubkeys.paymentBasepoint);
  return p2wsh(noble, toRemoteAnchorsWitnessScript(signer.pubkeys.paymentBasepoint));
}

function outputOf(kind: Kind, outpoint: OutPoint, value: Sat): SpendableOutput {
  const common = { outpoint, value, script: scriptOf(kind), channelKeysId };
  if (kind === 'wallet') return { ...common, claim: { kind: 'wallet' } };
  if (kind === 'delayed') {
    const claim = {
      kind: 'delayed' as const,
      parameters: parameters('anchors'),
      perCommitmentPoint: point,
      witnessScript: delayedScript,
      value,
    };
    return { ...common, claim: { kind: 'sweep', claim, delay } };
  }
  const format = kind === 'toRemote' ? 'static_remotekey' : 'anchors';
  const claim = { kind: 'toRemote' as const, parameters: parameters(format), value };
  return { ...common, claim: { kind: 'sweep', claim, delay: kind === 'toRemote' ? 0 : 1 } };
}

/** The keys, with a signer that is out of reach when first asked for. */
function refuseFirst(): SignerProvider['channelSigner'] {
  let asked = 0;
  return (keysId, value) => {
    asked += 1;
    if (asked === 1) throw new Error('out of reach');
    return keys.channelSigner(keysId, value);
  };
}

/** Outputs on a chain, old enough to be swept, and a sweeper that has heard of them and does not run yet. */
function setUp(...wanted: readonly (readonly [Kind, bigint])[]) {
  const chain = new RegtestChain();
  const birthday = chain.tip;
  const wallet = new OnChainWallet({ crypto: noble, seed: fromHex('00'.repeat(16)), network: 'regtest', birthday });
  chain.attach(wallet);
  const { outpoints } = chain.fund(...wanted.map(([kind, value]) => ({ script: scriptOf(kind), value: sat(value) })));
  const outputs = wanted.map(([kind, value], at) => outputOf(kind, outpoints[at]!, sat(value)));
  chain.mine(delay - 1);
  const script = wallet.newScript();
  const make = (signerProvider: Pick<SignerProvider, 'channelSigner'> = keys) => {
    const log: string[] = [];
    const logger = { log: (_level: unknown, message: string) => void log.push(message) };
    const parts = { crypto: noble, signerProvider, feeEstimator: chain, broadcaster: chain, logger, tip: birthday };
    const sweeper = new Sweeper(parts);
    sweeper.add(id, outputs, script);
    return { sweeper, detach: chain.attach(sweeper), log };
  };
  return { chain, wallet, outputs, script, make };
}

describe('a sweeper', () => {
  test('brings home what every kind of claim can spend, in one transaction at the asked feerate', () => {
    const { chain, wallet, make, script } = setUp(
      ['toRemote', 40_000n],
      ['toRemoteAnchors', 30_000n],
      ['delayed', 20_000n],
    );
    const { sweeper } = make();
    expect(chain.mempool()).toEqual([]);
    sweeper.start();
    const [sweep] = chain.mempool();
    const parsed = unwrap(parseTransaction(sweep!.bytes));
    expect(parsed.inputs).toHaveLength(3);
    expect(parsed.outputs.map((output) => toHex(output.script))).toEqual([toHex(script)]);
    const fee = 90_000n - parsed.outputs[0]!.value;
    const least = (BigInt(transactionWeight(parsed)) * BigInt(chain.feerate('outputSpending'))) / 1000n;
    expect(fee).toBeGreaterThanOrEqual(least);
    expect(fee).toBeLessThan(least + 20n);
    chain.mine();
    expect(wallet.balance().confirmed).toBe(90_000n - fee);
    expect(chain.refused).toEqual([]);
  });

  test('is done once what it spent is buried, and not before', () => {
    const { chain, make } = setUp(['toRemote', 40_000n]);
    const { sweeper } = make();
    sweeper.start();
    const done = Array.from({ length: 7 }, () => {
      chain.mine();
      return sweeper.isDone(id);
    });
    expect(done).toEqual([false, false, false, false, false, true, true]);
    sweeper.forget(id);
    sweeper.forget(id);
    expect(sweeper.isDone(id)).toBe(false);
    expect(chain.refused).toEqual([]);
  });

  test('broadcasts again what a reorg took back and what a mempool forgot', () => {
    const { chain, make } = setUp(['delayed', 40_000n]);
    const { sweeper } = make();
    sweeper.start();
    const [sweep] = chain.mempool();
    chain.mine(5);
    unwrap(chain.reorg(5));
    expect(sweeper.isDone(id)).toBe(false);
    expect(chain.mempool()).toEqual([sweep]);
    chain.mine(6);
    expect(sweeper.isDone(id)).toBe(true);
  });

  test('made anew makes the same transaction, and finds in the chain one that is buried already', () => {
    const { chain, make } = setUp(['toRemoteAnchors', 40_000n], ['delayed', 20_000n]);
    const first = make();
    first.sweeper.start();
    const [sweep] = chain.mempool();
    first.detach();
    const second = make();
    second.sweeper.start();
    expect(chain.mempool()).toEqual([sweep]);
    second.detach();
    chain.mine(6);
    const third = make();
    expect(third.sweeper.isDone(id)).toBe(true);
    third.sweeper.start();
    expect([chain.mempool(), chain.refused]).toEqual([[], []]);
  });

  test('leaves what pays the wallet already, and what is never worth its fee', () => {
    const { chain, make } = setUp(['wallet', 40_000n], ['toRemote', 350n]);
    const { sweeper } = make();
    sweeper.start();
    expect(sweeper.isDone(id)).toBe(true);
    expect(chain.mempool()).toEqual([]);
  });

  test('waits with what is not worth today’s fee, and pays more where fees have risen', () => {
    const { chain, make } = setUp(['delayed', 1500n], ['toRemote', 40_000n]);
    chain.setFeerate('outputSpending', 5000);
    const { sweeper } = make();
    sweeper.start();
    const inputs = () => unwrap(parseTransaction(chain.mempool()[0]!.bytes)).inputs.length;
    expect(inputs()).toBe(1);
    const before = chain.mempool()[0]!.txid;
    chain.setFeerate('outputSpending', 8000);
    const without = [before];
    chain.mine(1, { without });
    expect(chain.mempool()).toHaveLength(1);
    expect(chain.mempool()[0]!.txid).not.toBe(before);
    chain.mine(7);
    expect(sweeper.isDone(id)).toBe(false);
    chain.setFeerate('outputSpending', 500);
    chain.mine(7);
    expect(sweeper.isDone(id)).toBe(true);
    expect(chain.refused).toEqual([]);
  });

  test('goes on with other events where a signer refuses, and hears a block twice unmoved', () => {
    const { chain, make, outputs, script } = setUp(['toRemote', 40_000n], ['delayed', 30_000n]);
    const { sweeper, log } = make({ channelSigner: refuseFirst() });
    sweeper.add('0000000002' as EventId, outputs.slice(1), script);
    sweeper.start();
    expect(log).toEqual(['outputs could not be swept']);
    expect(chain.mempool()).toHaveLength(1);
    const [at] = chain.mine();
    sweeper.blockConnected(chain.blockAt(chain.height)!, chain.height);
    expect(sweeper.tip()).toEqual(at);
    // The first event is tried again, without what the second one has brought home.
    expect(unwrap(parseTransaction(chain.mempool()[0]!.bytes)).inputs).toHaveLength(1);
    chain.mine(6);
    expect([sweeper.isDone(id), sweeper.isDone('0000000002' as EventId)]).toEqual([true, true]);
  });
});
