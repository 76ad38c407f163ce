import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes, nodeIdOf, ready, unwrap } from '@boltwright/base';
import { type CryptoBackend, noble } from '@boltwright/crypto';
import { type HandshakePorts, NoiseSession } from '@boltwright/noise';
import { fastest, node } from './backends.ts';
import { peer } from './peers.ts';
import type { Bench, BenchRow } from './report.ts';
import { type Contestant, sideBySide } from './side-by-side.ts';

const secrets = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte));
const none = (): void => {};

function party(crypto: CryptoBackend, secret: Uint8Array, ephemeral: Uint8Array): HandshakePorts {
  const id = nodeIdOf(crypto.publicKey(secret));
  return {
    crypto,
    signer: { nodeId: () => id, ecdh: (point) => ready(crypto.ecdh(point, secret)) },
    entropy: { secureRandomBytes: () => Uint8Array.from(ephemeral) },
  };
}

/** Both sides of a handshake, in turn. */
function connect(left: HandshakePorts, right: HandshakePorts) {
  const { session: initiator, actOne } = unwrap(NoiseSession.initiate(left, right.signer.nodeId()));
  const responder = NoiseSession.respond(right);
  const { send: actTwo } = unwrap(responder.receive(actOne, none));
  const { send: actThree } = unwrap(initiator.receive(actTwo!, none));
  unwrap(responder.receive(actThree!, none));
  return { initiator, responder };
}

const parties = (crypto: CryptoBackend) =>
  [party(crypto, secrets[0]!, secrets[1]!), party(crypto, secrets[2]!, secrets[3]!)] as const;

/** One message there: encrypted and decrypted. */
function roundTrip(crypto: CryptoBackend, length: number): () => unknown {
  const { initiator, responder } = connect(...parties(crypto));
  const message = new Uint8Array(length);
  return () => unwrap(responder.receive(initiator.encrypt(message), none));
}

/** Node's cipher alone doing the same bytes: the length and the message, encrypted and decrypted, no rotation. */
function cipherOnly(length: number): () => unknown {
  const key = Buffer.alloc(32, 1);
  const nonce = Buffer.alloc(12);
  const parts = [Buffer.alloc(2), Buffer.alloc(length)];
  const options = { authTagLength: 16 };
  return () => {
    let plaintext: Buffer | undefined;
    for (const part of parts) {
      const cipher = createCipheriv('chacha20-poly1305', key, nonce, options);
      const ciphertext = cipher.update(part);
      cipher.final();
      const tag = cipher.getAuthTag();
      const decipher = createDecipheriv('chacha20-poly1305', key, nonce, options);
      decipher.setAuthTag(tag);
      plaintext = decipher.update(ciphertext);
      decipher.final();
    }
    return plaintext;
  };
}

interface NoiseState {
  initiatorAct1(remote: Buffer): Buffer;
  initiatorAct2(act: Buffer): void;
  initiatorAct3(): Buffer;
  receiveAct1(act: Buffer): void;
  recieveAct2(): Buffer;
  receiveAct3(act: Buffer): void;
  encryptMessage(message: Buffer): Buffer;
  decryptLength(bytes: Buffer): number;
  decryptMessage(bytes: Buffer): Buffer;
}
interface NodeLightningNoise {
  readonly NoiseState: new (options: { ls: Buffer; es: Buffer }) => NoiseState;
}

function theirConnect({ NoiseState }: NodeLightningNoise): readonly [NoiseState, NoiseState] {
  const left = new NoiseState({ ls: Buffer.from(secrets[0]!), es: Buffer.from(secrets[1]!) });
  const right = new NoiseState({ ls: Buffer.from(secrets[2]!), es: Buffer.from(secrets[3]!) });
  right.receiveAct1(left.initiatorAct1(Buffer.from(noble.publicKey(secrets[2]!))));
  left.initiatorAct2(right.recieveAct2());
  right.receiveAct3(left.initiatorAct3());
  return [left, right];
}

function theirRoundTrip(module: NodeLightningNoise, length: number): () => unknown {
  const [left, right] = theirConnect(module);
  const message = Buffer.alloc(length);
  return () => {
    const frame = left.encryptMessage(message);
    right.decryptLength(frame.subarray(0, 18));
    return right.decryptMessage(frame.subarray(18));
  };
}

/** The handshake, and messages from one side to the other. */
export const bench: Bench = async () => {
  const notes = [
    'bolt11 and @node-lightning take the curve from native code that `secp256k1` ships for common platforms; ours is WebAssembly.',
    'Messages are encrypted by one side and decrypted by the other; both sides count, as on one core.',
    'node:crypto is its ChaCha20-Poly1305 alone on the same bytes: no framing, no nonces, no key rotation.',
  ];
  const rows: BenchRow[] = [];
  const other = await peer<NodeLightningNoise>('@node-lightning/noise', notes);
  const [left, right] = parties(fastest);
  const [slowLeft, slowRight] = parties(noble);
  const handshakes: Contestant[] = [{ name: 'ours on noble', run: () => connect(slowLeft, slowRight) }];
  if (other !== undefined) handshakes.push({ name: 'node-lightning', run: () => theirConnect(other) });
  rows.push(
    ...sideBySide({
      name: 'handshake, both sides, fastest backend',
      unit: 'ops/s',
      ours: { name: 'ours', run: () => connect(left, right) },
      peers: handshakes,
    }),
  );
  for (const length of [64, 1400, 65_535]) {
    const peers: Contestant[] = [
      { name: 'node:crypto', run: cipherOnly(length) },
      { name: 'ours on noble', run: roundTrip(noble, length) },
    ];
    if (other !== undefined) peers.push({ name: 'node-lightning', run: theirRoundTrip(other, length) });
    rows.push(
      ...sideBySide({
        name: `messages of ${length} bytes, crypto-node`,
        unit: 'MB/s',
        perRun: length / 1e6,
        ours: { name: 'ours', run: roundTrip(node, length) },
        peers,
      }),
    );
  }
  const stream = new Uint8Array(1400);
  const { initiator, responder } = connect(...parties(node));
  rows.push(
    ...sideBySide({
      name: 'ten messages of 1400 bytes in one chunk',
      unit: 'MB/s',
      perRun: 14_000 / 1e6,
      ours: {
        name: 'ours',
        run: () => responder.receive(concatBytes(...Array.from({ length: 10 }, () => initiator.encrypt(stream))), none),
      },
      peers: [],
    }),
  );
  return { rows, notes };
};
