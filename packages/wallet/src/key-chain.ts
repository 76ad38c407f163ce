import { concatBytes, type Script, toHex } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { bech32 } from '@scure/base';
import { HDKey } from '@scure/bip32';
import { networks, type WalletNetwork } from './network.ts';

/** A key of the wallet's, and what it receives on. */
export interface WalletKey {
  /** 0: handed out to receive on. 1: change. */
  readonly branch: 0 | 1;
  readonly index: number;
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
  /** P2WPKH. */
  readonly script: Script;
}

/** How far beyond the last used key the chain is searched for coins (BIP 44, address gap limit). */
const lookahead = 20;

/** BIP 84: the keys below m/84'/coin'/0', known as far as they may have been used. */
export class KeyChain {
  readonly #account: HDKey;
  readonly #crypto: CryptoBackend;
  readonly #byScript = new Map<string, WalletKey>();
  readonly #derived: [WalletKey[], WalletKey[]] = [[], []];
  readonly #next: [number, number];
  /** Keys given back, by branch. */
  readonly #unused: [Set<number>, Set<number>] = [new Set(), new Set()];
  readonly #prefix: string;

  /** @param next - by branch, the first keys that were not handed out yet. */
  constructor(
    seed: Uint8Array,
    network: WalletNetwork,
    crypto: CryptoBackend,
    next: readonly [number, number] = [0, 0],
  ) {
    const { coinType, prefix } = networks[network];
    this.#account = HDKey.fromMasterSeed(seed).derive(`m/84'/${coinType}'/0'`);
    this.#crypto = crypto;
    this.#prefix = prefix;
    this.#next = [...next];
    this.#look(0);
    this.#look(1);
  }

  /** By branch, the first keys that were not handed out yet. */
  firstUnused(): readonly [number, number] {
    return [...this.#next];
  }

  /** A key that was handed out before: not handed out again. */
  handedOut(branch: 0 | 1, index: number): WalletKey {
    this.#next[branch] = Math.max(this.#next[branch], index + 1);
    this.#look(branch);
    return this.#derived[branch][index]!;
  }

  /** A key that was not handed out before, or was given back, and that no coin was seen on. */
  next(branch: 0 | 1): WalletKey {
    const index = Math.min(this.#next[branch], ...this.#unused[branch]);
    const key = this.#derived[branch][index]!;
    this.used(key);
    return key;
  }

  /** A key that nothing was paid to and nothing will be: the next one again, lest the gap to the last used one grow. */
  giveBack({ branch, index }: WalletKey): void {
    this.#unused[branch].add(index);
  }

  /** The key that a script belongs to. */
  find(script: Script): WalletKey | undefined {
    return this.#byScript.get(toHex(script));
  }

  /** Keys up to this one are not handed out again. */
  used({ branch, index }: WalletKey): void {
    this.#unused[branch].delete(index);
    this.#next[branch] = Math.max(this.#next[branch], index + 1);
    this.#look(branch);
  }

  /** 32 bytes. */
  secret({ branch, index }: WalletKey): Uint8Array {
    const { privateKey } = this.#account.deriveChild(branch).deriveChild(index);
    if (privateKey === null) throw new Error('invariant broken: an account made of a seed has its secrets');
    return privateKey;
  }

  /** The P2WPKH address of a key (BIP 173). */
  address(key: WalletKey): string {
    return bech32.encode(this.#prefix, [0, ...bech32.toWords(key.script.subarray(2))]);
  }

  #look(branch: 0 | 1): void {
    const keys = this.#derived[branch];
    const parent = this.#account.deriveChild(branch);
    for (let index = keys.length; index < this.#next[branch] + lookahead; index++) {
      const { publicKey } = parent.deriveChild(index);
      if (publicKey === null) throw new Error('invariant broken: a derived key has a public key');
      const script = concatBytes(Uint8Array.of(0, 20), this.#crypto.hash160(publicKey));
      const key: WalletKey = { branch, index, publicKey, script };
      keys.push(key);
      this.#byScript.set(toHex(script), key);
    }
  }
}
