import {
  blockHeight,
  concatBytes,
  msat,
  nodeIdOf,
  paymentHashOf,
  ready,
  shortChannelIdOf,
  unwrap,
} from '@boltwright/base';
import { type CryptoBackend, noble } from '@boltwright/crypto';
import {
  buildBlindedPath,
  buildFailure,
  buildOnion,
  encodeHopPayload,
  receivePaymentOnion,
  unwrapFailure,
  wrapFailure,
} from '@boltwright/onion';
import { fastest } from './backends.ts';
import { ldk } from './peers.ts';
import type { Bench, BenchRow } from './report.ts';
import { sideBySide } from './side-by-side.ts';

const secrets = [1, 2, 3, 4, 5].map((byte) => new Uint8Array(32).fill(byte));
const publicKeys = secrets.map((secret) => noble.publicKey(secret));
const sessionKey = new Uint8Array(32).fill(9);
const hash = noble.sha256(sessionKey);
const height = 800_000;
const cltv = blockHeight(height + 100);
const amount = msat(100_000n);

const forward = encodeHopPayload({
  kind: 'forward',
  amtToForward: amount,
  outgoingCltvValue: cltv,
  shortChannelId: shortChannelIdOf(700_000, 1, 0),
});
const final = encodeHopPayload({
  kind: 'final',
  amtToForward: amount,
  outgoingCltvValue: cltv,
  paymentData: { paymentSecret: new Uint8Array(32).fill(7), totalMsat: amount },
});

const hopsTo = (keys: readonly Uint8Array[]) =>
  keys.map((publicKey, i) => ({ publicKey, payload: i === keys.length - 1 ? final : forward }));

const build = (crypto: CryptoBackend, keys: readonly Uint8Array[] = publicKeys) =>
  buildOnion(crypto, { sessionKey, hops: hopsTo(keys), associatedData: hash });

function receive(crypto: CryptoBackend, packet: Uint8Array, secret: Uint8Array): () => unknown {
  const id = nodeIdOf(crypto.publicKey(secret));
  const signer = { nodeId: () => id, ecdh: (point: Uint8Array) => ready(crypto.ecdh(point, secret)) };
  const htlc = {
    onionRoutingPacket: packet,
    paymentHash: paymentHashOf(hash),
    amountMsat: msat(101_000n),
    cltvExpiry: blockHeight(cltv + 50),
  };
  return () => {
    const answer = receivePaymentOnion(crypto, signer, htlc);
    if (answer.kind === 'pending') throw new Error('the signer was ready');
    return unwrap(answer.value);
  };
}

/** LDK's peeling of the same packets: the only part of BOLT 4 that its bindings show on its own. */
async function ldkPeeler() {
  const { KeysManager, Logger, UtilMethods, UpdateAddHTLC, Recipient, Result_PublicKeyNoneZ_OK } = await ldk();
  const keys = KeysManager.constructor_new(new Uint8Array(32).fill(3), 0n, 0);
  const signer = keys.as_NodeSigner();
  const id = signer.get_node_id(Recipient.LDKRecipient_Node);
  if (!(id instanceof Result_PublicKeyNoneZ_OK)) throw new Error('LDK has no node id');
  const logger = Logger.new_impl({ log: () => {} });
  const peel = (packet: Uint8Array) => {
    const u64 = (value: bigint): Uint8Array => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, value);
      return bytes;
    };
    const fields = [
      new Uint8Array(32).fill(1),
      u64(1n),
      u64(101_000n),
      hash,
      u64(BigInt(cltv + 50)).subarray(4),
      packet,
    ];
    const read = UpdateAddHTLC.constructor_read(concatBytes(...fields)) as unknown as {
      readonly res: import('lightningdevkit').UpdateAddHTLC;
    };
    const run = () => UtilMethods.constructor_peel_payment_onion(read.res, signer, logger, height, false);
    return { run, isGood: run().is_ok() };
  };
  return { nodeKey: Uint8Array.from(id.res), peel };
}

/** Onions built and peeled, failures returned and read, blinded paths. */
export const bench: Bench = async () => {
  const notes = ['Ours on the fastest backend (crypto-wasm, crypto-node). A second row is noble alone.'];
  const rows: BenchRow[] = [];
  const pair = (name: string, run: (crypto: CryptoBackend) => unknown): void => {
    rows.push(
      ...sideBySide({
        name,
        unit: 'ops/s',
        ours: { name: 'ours', run: () => run(fastest) },
        peers: [{ name: 'ours on noble', run: () => run(noble) }],
      }),
    );
  };
  pair('build, five hops', (crypto) => build(crypto));
  const { sharedSecrets } = build(fastest);

  const theirs = await ldkPeeler();
  // The first hop is LDK's node for LDK and ours for us; the packets are alike in all else.
  const forwarded = theirs.peel(build(fastest, [theirs.nodeKey, publicKeys[1]!]).packet);
  const received = theirs.peel(build(fastest, [theirs.nodeKey]).packet);
  if (!forwarded.isGood || !received.isGood) notes.push('LDK refuses the onion: its rows are of refusals');
  const ownForward = build(fastest, [publicKeys[0]!, publicKeys[1]!]).packet;
  const ownFinal = build(fastest, [publicKeys[0]!]).packet;
  const noblePeer = (own: Uint8Array) => ({ name: 'ours on noble', run: receive(noble, own, secrets[0]!) });
  rows.push(
    ...sideBySide({
      name: 'peel, to forward',
      unit: 'ops/s',
      ours: { name: 'ours', run: receive(fastest, ownForward, secrets[0]!) },
      peers: [{ name: 'LDK', run: forwarded.run }, noblePeer(ownForward)],
    }),
    ...sideBySide({
      name: 'peel, to receive',
      unit: 'ops/s',
      ours: { name: 'ours', run: receive(fastest, ownFinal, secrets[0]!) },
      peers: [{ name: 'LDK', run: received.run }, noblePeer(ownFinal)],
    }),
  );

  const failure = { kind: 'temporary_node_failure' } as const;
  pair('build a failure, with attribution', (crypto) =>
    buildFailure(crypto, { sharedSecret: sharedSecrets[4]!, failure, holdTime: 1 }),
  );
  let returned = buildFailure(fastest, { sharedSecret: sharedSecrets[4]!, failure, holdTime: 1 });
  pair('pass a failure on, with attribution', (crypto) =>
    wrapFailure(crypto, { ...returned, sharedSecret: sharedSecrets[3]!, holdTime: 1 }),
  );
  for (const sharedSecret of sharedSecrets.slice(0, 4).reverse()) {
    returned = wrapFailure(fastest, { ...returned, sharedSecret, holdTime: 1 });
  }
  if (unwrapFailure(fastest, { ...returned, sharedSecrets }).kind !== 'failure') throw new Error('the failure is lost');
  pair('read a failure, five hops, with attribution', (crypto) =>
    unwrapFailure(crypto, { ...returned, sharedSecrets }),
  );

  const pathHops = publicKeys
    .slice(0, 3)
    .map((key) => ({ nodeId: nodeIdOf(key), data: { padding: new Uint8Array(8) } }));
  pair('build a blinded path of three hops', (crypto) => buildBlindedPath(crypto, { sessionKey, hops: pathHops }));
  return { rows, notes };
};
