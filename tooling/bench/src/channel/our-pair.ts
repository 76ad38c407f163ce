import {
  type BlockHeight,
  chainHash,
  channelId,
  concatBytes,
  type FeeratePerKw,
  msat,
  type NodeId,
  paymentHashOf,
  type Script,
  type ShortChannelId,
  sat,
  shortChannelIdOf,
  txid,
  unwrap,
} from '@boltwright/base';
import {
  acceptChannel,
  type ChannelEffect,
  type ChannelInput,
  type ChannelState,
  openChannel,
  type Step,
  transition,
} from '@boltwright/channel';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelKeysId, ChannelMessage, PaymentId } from '@boltwright/interfaces';
import { InMemorySigner } from '@boltwright/keys';
import { decodeMessage, encodeMessage, featuresOf } from '@boltwright/wire';
import { benchConfig, feerate } from '../bench-config.ts';

const features = featuresOf({
  option_static_remotekey: 'required',
  option_channel_type: 'required',
  option_anchors: 'optional',
  option_scid_alias: 'optional',
});

const onionRoutingPacket = new Uint8Array(1366).fill(7);

/** One end: the state machine, and as little around it as moves messages. */
class End {
  state!: ChannelState;
  readonly out: Uint8Array[] = [];
  /** What the shell would act on since it last looked. */
  effects: ChannelEffect[] = [];
  readonly #env;
  readonly parameters;

  constructor(crypto: CryptoBackend, name: string, anchors: boolean) {
    const secret = (use: string): Uint8Array =>
      crypto.sha256(Uint8Array.from(`${name} ${use}`, (character) => character.charCodeAt(0)));
    const config = benchConfig(anchors);
    this.#env = {
      crypto,
      signer: new InMemorySigner(crypto, {
        funding: secret('funding'),
        revocationBasepoint: secret('revocation'),
        paymentBasepoint: secret('payment'),
        delayedPaymentBasepoint: secret('delayed'),
        htlcBasepoint: secret('htlc'),
        commitmentSeed: secret('commitments'),
      }),
      chainHash: chainHash('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f'),
      height: 110 as BlockHeight,
      feerate: (): FeeratePerKw => feerate,
      config,
      channelConfig: config.channel,
    };
    const script: Script = concatBytes(Uint8Array.of(0, 20), secret('script').subarray(0, 20));
    this.parameters = {
      channelKeysId: '11'.repeat(32) as ChannelKeysId,
      counterparty: `02${'22'.repeat(32)}` as NodeId,
      localFeatures: features,
      remoteFeatures: features,
      scidAlias: BigInt(name.length) as ShortChannelId,
      shutdownScript: script,
      destinationScript: script,
      birthHeight: 100 as BlockHeight,
      temporaryChannelId: channelId('33'.repeat(32)),
    };
  }

  open(value: bigint): void {
    this.take(
      unwrap(
        openChannel({ ...this.parameters, fundingSatoshis: sat(value), pushMsat: msat(8_000_000_000n) }, this.#env),
      ),
    );
  }

  accept(bytes: Uint8Array): void {
    const message = unwrap(decodeMessage(bytes));
    if (message.type !== 'open_channel') throw new Error(`${message.type} in place of open_channel`);
    this.take(unwrap(acceptChannel(message, this.parameters, this.#env)));
  }

  feed(input: ChannelInput): void {
    this.take(unwrap(transition(this.state, input, this.#env)));
  }

  take({ state, effects }: Step): void {
    this.state = state;
    for (const effect of effects) {
      if (effect.kind === 'send') this.out.push(encodeMessage(effect.message));
      else this.effects.push(effect);
    }
  }
}

/** Two channels of ours, each the other's counterparty, joined by encoded messages. */
export class OurPair {
  readonly #crypto: CryptoBackend;
  #payer: End;
  #payee: End;
  #payments = 0;

  constructor(crypto: CryptoBackend, anchors: boolean) {
    this.#crypto = crypto;
    this.#payer = new End(crypto, 'payer', anchors);
    this.#payee = new End(crypto, 'the payee', anchors);
    this.#payer.open(16_000_000n);
    this.#payee.accept(this.#payer.out.shift()!);
    this.#settle();
    const fundingOutpoint = { txid: txid('44'.repeat(32)), vout: 0 };
    this.#payer.feed({ kind: 'command', command: { kind: 'fundingCreated', fundingOutpoint } });
    this.#settle();
    for (const end of [this.#payer, this.#payee]) {
      end.feed({ kind: 'fundingConfirmed', height: 105 as BlockHeight, shortChannelId: shortChannelIdOf(105, 1, 0) });
    }
    this.#settle();
    if (this.#payer.state.kind !== 'normal') throw new Error(`the channel is ${this.#payer.state.kind}`);
  }

  /** `count` HTLCs of 10,000 sat added in one turn, and then fulfilled in one turn. The next ones go the other way. */
  run(count: number): void {
    const preimages = Array.from({ length: count }, () => {
      const preimage = new Uint8Array(32);
      new DataView(preimage.buffer).setUint32(0, this.#payments++);
      return preimage;
    });
    for (const preimage of preimages) {
      this.#payer.feed({
        kind: 'command',
        command: {
          kind: 'addHtlc',
          amountMsat: msat(10_000_000n),
          paymentHash: paymentHashOf(this.#crypto.sha256(preimage)),
          cltvExpiry: 500 as BlockHeight,
          onionRoutingPacket,
          source: { kind: 'payment', paymentId: '55'.repeat(32) as PaymentId, part: 0 },
        },
      });
    }
    this.#settle();
    let at = 0;
    for (const effect of this.#payee.effects.splice(0)) {
      if (effect.kind !== 'htlcReceived') continue;
      const command = { kind: 'fulfillHtlc', id: effect.htlc.id, preimage: preimages[at++]! } as const;
      this.#payee.feed({ kind: 'command', command });
    }
    this.#settle();
    const fulfilled = this.#payer.effects.filter(({ kind }) => kind === 'htlcFulfilled').length;
    if (at !== count || fulfilled !== count) throw new Error(`${at} received and ${fulfilled} fulfilled of ${count}`);
    this.#payer.effects = [];
    this.#payee.effects = [];
    [this.#payer, this.#payee] = [this.#payee, this.#payer];
  }

  #settle(): void {
    const { out: there } = this.#payer;
    const { out: back } = this.#payee;
    do {
      this.#deliver(there, this.#payee);
      this.#deliver(back, this.#payer);
      for (const end of [this.#payer, this.#payee]) end.feed({ kind: 'command', command: { kind: 'commit' } });
    } while (there.length + back.length > 0);
  }

  #deliver(queue: Uint8Array[], to: End): void {
    for (const bytes of queue.splice(0)) {
      to.feed({ kind: 'message', message: unwrap(decodeMessage(bytes)) as ChannelMessage });
    }
  }
}
