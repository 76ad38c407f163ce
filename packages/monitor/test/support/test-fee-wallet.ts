import { type FeeratePerKw, type RawTransaction, type Sat, type Script, sat } from '@boltwright/base';
import type { RegtestChain } from '@boltwright/chain-regtest';
import { noble as crypto } from '@boltwright/crypto';
import { KeysManager, ownKeyIndex } from '@boltwright/keys';
import { feeForWeight, inputWeight, p2wpkhWitnessWeight } from '@boltwright/transactions';
import type { FeeCoin, FeeWallet } from '../../src/index.ts';

/** A wallet of five coins of 20,000 sat, all at one P2WPKH script. */
export class TestFeeWallet implements FeeWallet {
  readonly #keys = new KeysManager({
    seed: new Uint8Array(32).fill(3),
    crypto,
    entropy: (length) => new Uint8Array(length),
  });
  readonly #id = this.#keys.channelKeysId(false, new Uint8Array(32));
  readonly script: Script = this.#keys.destinationScript(this.#id);
  readonly #chain: RegtestChain;
  /** By outpoint, what a coin is kept for. */
  readonly kept = new Map<string, string>();

  constructor(chain: RegtestChain) {
    this.#chain = chain;
    chain.fund(...Array.from({ length: 5 }, () => ({ script: this.script, value: sat(20_000n) })));
  }

  feeCoins(purpose: string, value: Sat, feerate: FeeratePerKw): readonly FeeCoin[] | undefined {
    const cost = feeForWeight(feerate, inputWeight + p2wpkhWitnessWeight);
    const chosen: FeeCoin[] = [];
    let left: bigint = value;
    const coins = this.#chain.coins(this.script);
    const rank = (key: string) => (this.kept.get(key) === purpose ? 0 : 1);
    const keyed = coins.map((coin) => ({ coin, key: `${coin.outpoint.txid}:${coin.outpoint.vout}` }));
    for (const { coin, key } of keyed.sort((a, b) => rank(a.key) - rank(b.key))) {
      const owner = this.kept.get(key);
      if (left <= 0n || (owner !== undefined && owner !== purpose)) continue;
      const { outpoint, value: worth, script } = coin;
      chosen.push({ outpoint, value: worth, script, witnessWeight: p2wpkhWitnessWeight });
      this.kept.set(key, purpose);
      left -= worth - cost;
    }
    return left > 0n ? undefined : chosen;
  }

  changeScript(): Script {
    return this.script;
  }

  signFeeInput(transaction: RawTransaction, input: number, coin: FeeCoin): readonly Uint8Array[] {
    const output = { purpose: 'destination' as const, index: ownKeyIndex(this.#id) };
    return this.#keys.signOwnOutput(transaction, input, output, coin.value);
  }

  releaseFeeCoins(purpose: string): void {
    for (const [key, owner] of this.kept) if (owner === purpose) this.kept.delete(key);
  }

  balance(): Sat {
    return this.#chain.balance(this.script);
  }
}
