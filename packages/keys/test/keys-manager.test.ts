import { readFileSync } from 'node:fs';
import { fromHex, nodeIdBytes, sat, toHex, txid, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import {
  isShutdownScript,
  p2wpkh,
  p2wpkhScriptCode,
  p2wsh,
  parseTransaction,
  segwitSighash,
  signatureFromDer,
  toRawTransaction,
  toRemoteAnchorsWitnessScript,
  unsignedInput,
} from '@boltwright/transactions';
import { describe, expect, test } from '@jest/globals';
import { HDKey } from '@scure/bip32';
import { KeysManager, ownKeyIndex } from '../src/index.ts';
import { bytes, keysId, manager, value } from './channels.ts';

const fixture = JSON.parse(readFileSync(new URL('./vectors/derivation.json', import.meta.url), 'utf8')) as {
  readonly seed: string;
  readonly keysId: string;
  readonly networks: Readonly<Record<'bitcoin' | 'testnet', Readonly<Record<string, unknown>>>>;
};
const keys = manager(1);

describe('KeysManager', () => {
  test('derives the keys of the fixture: they never change', () => {
    for (const [network, expected] of Object.entries(fixture.networks)) {
      const one = new KeysManager({
        seed: fromHex(fixture.seed),
        crypto: noble,
        entropy: (length) => bytes(1, length),
        network: network === 'testnet' ? 'testnet' : 'bitcoin',
      });
      const id = one.channelKeysId(false, fromHex(fixture.keysId));
      const signer = one.channelSigner(id, sat(1n));
      expect({
        nodeId: one.nodeId(),
        inboundPaymentKey: toHex(one.inboundPaymentKey()),
        peerStorageKey: toHex(one.peerStorageKey()),
        destinationScript: toHex(one.destinationScript(id)),
        shutdownScript: toHex(one.shutdownScript(id)),
        pubkeys: Object.fromEntries(Object.entries(signer.pubkeys).map(([name, key]) => [name, toHex(key)])),
        firstPoint: toHex(value(signer.perCommitmentPoint(0n))),
        firstSecret: toHex(value(signer.releaseCommitmentSecret(0n))),
      }).toEqual(expected);
    }
  });

  test('its paths are those of the README', () => {
    const root = HDKey.fromMasterSeed(bytes(1));
    const at = (path: string): Uint8Array => root.derive(`m/535'/0'/${path}`).publicKey!;
    expect(nodeIdBytes(keys.nodeId())).toEqual(at("0'"));
    expect(keys.inboundPaymentKey()).toEqual(root.derive("m/535'/0'/1'").privateKey);
    expect(keys.peerStorageKey()).toEqual(root.derive("m/535'/0'/2'").privateKey);
    const id = keysId(0x12);
    expect(ownKeyIndex(id)).toBe(0x212);
    expect(keys.destinationScript(id)).toEqual(p2wpkh(noble, at("3'/530'")));
    expect(keys.shutdownScript(id)).toEqual(p2wpkh(noble, at("4'/530'")));
    expect(keys.channelSigner(id, sat(1n)).pubkeys.paymentBasepoint).toEqual(at("5'/530'"));
  });

  test('other seeds, networks and ids give other keys, the same give the same', () => {
    const id = keysId(1);
    const points = [
      keys.channelSigner(id, sat(1n)),
      keys.channelSigner(keysId(2), sat(1n)),
      manager(2).channelSigner(id, sat(1n)),
      manager(1, 'testnet').channelSigner(id, sat(1n)),
    ].flatMap((signer) => Object.values(signer.pubkeys).map(toHex));
    expect(new Set(points).size).toBe(20);
    expect(manager(1).channelSigner(id, sat(9n)).pubkeys).toEqual(keys.channelSigner(id, sat(1n)).pubkeys);
    expect(manager(1, 'testnet').nodeId()).not.toBe(keys.nodeId());
  });

  test('ecdh: both sides agree, a tweak is applied, what is no point gives undefined', () => {
    const other = bytes(9);
    const shared = noble.ecdh(nodeIdBytes(keys.nodeId()), other);
    expect(value(keys.ecdh(noble.publicKey(other)))).toEqual(shared);
    const tweak = bytes(5);
    const tweaked = noble.pointMultiply(nodeIdBytes(keys.nodeId()), tweak)!;
    expect(value(keys.ecdh(noble.publicKey(other), tweak))).toEqual(noble.ecdh(tweaked, other));
    expect(value(keys.ecdh(bytes(2, 33).fill(0xff, 1)))).toBeUndefined();
    expect(value(keys.ecdh(bytes(2, 32)))).toBeUndefined();
    expect(value(keys.ecdh(noble.publicKey(other), bytes(0)))).toBeUndefined();
    expect(value(keys.ecdh(noble.publicKey(other), bytes(0xff)))).toBeUndefined();
  });

  test('invoices are signed recoverably, gossip over its double hash', () => {
    const hash = bytes(3);
    const { signature, recoveryId } = value(keys.signInvoice(hash));
    expect(toHex(noble.recover(signature, recoveryId, hash)!)).toBe(keys.nodeId());
    const gossip = bytes(4, 100);
    expect(noble.verify(value(keys.signGossip(gossip)), noble.hash256(gossip), nodeIdBytes(keys.nodeId()))).toBe(true);
  });

  test('entropy is the caller’s, and a wrong number of bytes is refused', () => {
    expect(manager(1).secureRandomBytes(5)).toEqual(bytes(1, 5));
    const broken = new KeysManager({ seed: bytes(1), crypto: noble, entropy: () => bytes(1, 3) });
    expect(() => broken.secureRandomBytes(5)).toThrow('3 bytes for 5');
    expect(() => new KeysManager({ seed: bytes(1, 31), crypto: noble, entropy: () => bytes(1) })).toThrow(RangeError);
    expect(() => keys.channelKeysId(true, bytes(1, 31))).toThrow(RangeError);
    expect(keys.channelKeysId(true, bytes(1))).toBe(keysId(1));
  });

  test('every output of ours is found from the seed alone, and spent', () => {
    const id = keysId(0);
    const scripts = { destination: keys.destinationScript(id), shutdown: keys.shutdownScript(id) };
    const payment = keys.channelSigner(id, sat(1n)).pubkeys.paymentBasepoint;
    const anchors = toRemoteAnchorsWitnessScript(payment);
    const found = [];
    for (const output of keys.ownOutputs()) {
      if (output.index > 0) break;
      found.push(output);
    }
    expect(found.map(({ purpose, script }) => [purpose, script])).toEqual([
      ['destination', scripts.destination],
      ['shutdown', scripts.shutdown],
      ['payment', p2wpkh(noble, payment)],
      ['paymentAnchors', p2wsh(noble, anchors)],
    ]);
    expect(isShutdownScript(scripts.shutdown, { anySegwit: false, simpleClose: false })).toBe(true);
    for (const output of found) {
      const raw = toRawTransaction(noble, {
        version: 2,
        inputs: [unsignedInput({ txid: txid('33'.repeat(32)), vout: 0 }, 1)],
        outputs: [{ value: sat(900n), script: output.script }],
        lockTime: 0,
      });
      const witness = keys.signOwnOutput(raw, 0, output, sat(1000n));
      const last = witness[1]!;
      const anchored = output.purpose === 'paymentAnchors';
      const pubkey = anchored ? payment : last;
      expect(anchored ? p2wsh(noble, last) : p2wpkh(noble, last)).toEqual(output.script);
      const code = anchored ? last : p2wpkhScriptCode(noble, last);
      const hash = segwitSighash(noble, unwrap(parseTransaction(raw.bytes)), 0, code, sat(1000n));
      const signature = unwrap(signatureFromDer(witness[0]!.subarray(0, -1)));
      expect(noble.verify(signature, hash, pubkey)).toBe(true);
    }
  });
});
