import { type Msat, msat, type Sat, sat } from '@boltwright/base';
import type { ClaimPolicy } from '../story-node.ts';
import { Random } from './random.ts';

export type Side = 'us' | 'them';

/** What a soak run does, one after another; `pause` is how many turns of the event loop follow, or milliseconds. */
export type Command = (
  | {
      readonly kind: 'pay';
      readonly payer: Side;
      readonly amount: Msat;
      /** As much as the payer says that it can send at once, in place of the amount. */
      readonly atLimit: boolean;
      /** What the payee does with it; of an invoice with a hash that nobody knows, it can only refuse. */
      readonly payee: ClaimPolicy | 'unknown';
      /** What becomes of it in the end where it is held. */
      readonly claimInTheEnd: boolean;
    }
  | { readonly kind: 'resolve'; readonly payee: Side; readonly claim: boolean }
  | { readonly kind: 'mine'; readonly blocks: number }
  | { readonly kind: 'feerate'; readonly feeratePerKw: number }
  | { readonly kind: 'tick'; readonly side: Side }
  | { readonly kind: 'disconnect'; readonly side: Side }
  | { readonly kind: 'connect'; readonly side: Side /** Waits until payments can go. */; readonly wait: boolean }
  /** Our commits wait from now on. */
  | { readonly kind: 'holdCommits' }
  | { readonly kind: 'releaseCommits'; readonly count: number }
  /** Our process dies, with `durable` of the waiting commits on the medium, and is started again. */
  | { readonly kind: 'kill'; readonly durable: number; readonly theyNoticeFirst: boolean }
  /** Everything under way comes to its end. */
  | { readonly kind: 'settle' }
) & { readonly pause: { readonly turns: number } | { readonly milliseconds: number } };

export interface PlannedChannel {
  readonly opener: Side;
  readonly capacity: Sat;
  readonly push: Msat;
  /** Our process dies after the funding transaction is out, before the channel is ready. */
  readonly killWhileOpening: boolean;
}

/** One soak run. */
export interface Plan {
  readonly seed: number;
  readonly anchors: boolean;
  readonly channels: readonly PlannedChannel[];
  readonly feeratePerKw: number;
  readonly commands: readonly Command[];
  readonly closer: Side;
  /** Our process dies so many turns of the event loop after the close was asked for. */
  readonly killWhileClosing: number | undefined;
}

const sides: readonly Side[] = ['us', 'them'];
const feerates = [253, 400, 700, 1000, 1500, 2500, 4000, 6000];

function amountOf(random: Random, capacity: bigint): Msat {
  const satoshis = random.weighted<bigint>([
    [1, 1n],
    [3, BigInt(random.below(700)) + 1n],
    [3, BigInt(random.below(5000)) + 1n],
    [6, BigInt(random.below(Number(capacity / 20n))) + 1n],
    [2, BigInt(random.below(Number(capacity / 2n))) + 1n],
  ]);
  return msat(satoshis * 1000n + (random.below(2) === 0 ? 0n : BigInt(random.below(1000))));
}

function payment(random: Random, capacity: bigint, payer: Side) {
  return {
    kind: 'pay',
    payer,
    amount: amountOf(random, capacity),
    atLimit: random.below(10) === 0,
    payee: random.weighted<ClaimPolicy | 'unknown'>([
      [12, 'claim'],
      [3, 'fail'],
      [4, 'hold'],
      [1, 'unknown'],
    ]),
    claimInTheEnd: random.below(3) > 0,
  } as const;
}

const pauseOf = (random: Random): Command['pause'] =>
  random.weighted<Command['pause']>([
    [6, { turns: 0 }],
    [6, { turns: 1 + random.below(12) }],
    [3, { turns: 1 + random.below(60) }],
    [2, { milliseconds: 1 + random.below(40) }],
  ]);

/** The run that a seed stands for. */
export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const anchors = seed % 2 === 1;
  const channels = Array.from({ length: random.below(3) === 0 ? 2 : 1 }, (): PlannedChannel => {
    const capacity = BigInt(random.below(3) === 0 ? 30_000 + random.below(70_000) : 200_000 + random.below(1_500_000));
    // what the opener keeps pays the fees
    const push = random.below(4) === 0 ? 0n : (capacity - 20_000n) * BigInt(random.below(1000));
    return {
      opener: random.pick(sides),
      capacity: sat(capacity),
      push: msat(push),
      killWhileOpening: random.below(3) === 0,
    };
  });
  const capacity = channels.reduce((sum, channel) => sum + channel.capacity, 0n) / BigInt(channels.length);
  const commands: Command[] = [];
  const length = 12 + random.below(50);
  while (commands.length < length) {
    const one = random.weighted<() => readonly WithoutPause[]>([
      [10, () => [payment(random, capacity, random.pick(sides))]],
      [1, () => Array.from({ length: 8 + random.below(20) }, () => payment(random, capacity, random.pick(sides)))],
      [3, () => Array.from({ length: 2 + random.below(5) }, () => payment(random, capacity, random.pick(sides)))],
      [3, () => [{ kind: 'resolve', payee: random.pick(sides), claim: random.below(3) > 0 }]],
      [1, () => [{ kind: 'mine', blocks: 1 }]],
      [3, () => feerateChange(random)],
      [2, () => [{ kind: 'tick', side: random.pick(sides) }]],
      [2, () => [{ kind: 'disconnect', side: random.pick(sides) }, ...connecting(random)]],
      [2, () => connecting(random)],
      [2, () => [...killing(random, capacity), ...connecting(random)]],
      [1, () => [{ kind: 'settle' }]],
    ])();
    commands.push(...one.map((command) => ({ ...command, pause: pauseOf(random) })));
  }
  return {
    seed,
    anchors,
    channels,
    feeratePerKw: random.pick(feerates),
    commands,
    closer: random.pick(sides),
    killWhileClosing: random.below(3) === 0 ? random.below(40) : undefined,
  };
}

type WithoutPause = Command extends infer Each ? (Each extends Command ? Omit<Each, 'pause'> : never) : never;

const feerateChange = (random: Random): readonly WithoutPause[] => [
  { kind: 'feerate', feeratePerKw: random.pick(feerates) },
  { kind: 'tick', side: 'us' },
  { kind: 'tick', side: 'them' },
];

/** Now and then payments are asked for while there is no connection, and fail. */
const connecting = (random: Random): readonly WithoutPause[] =>
  random.below(8) === 0 ? [] : [{ kind: 'connect', side: random.pick(sides), wait: random.below(3) > 0 }];

/** Mostly with commits that had begun to wait before: a kill finds something half done. */
function killing(random: Random, capacity: bigint): readonly WithoutPause[] {
  const kill = { kind: 'kill', durable: random.below(2), theyNoticeFirst: random.below(2) === 0 } as const;
  if (random.below(4) === 0) return [kill];
  const between = Array.from({ length: random.below(7) }, () =>
    random.weighted<WithoutPause>([
      [5, { kind: 'releaseCommits', count: 1 }],
      [4, payment(random, capacity, random.pick(sides))],
      [1, { kind: 'resolve', payee: random.pick(sides), claim: random.below(3) > 0 }],
    ]),
  );
  return [{ kind: 'holdCommits' }, ...between, kill];
}

/** A command in a line, for people. */
export function describeCommand(command: Command): string {
  const { kind, pause, ...rest } = command;
  const details = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
  const after = 'turns' in pause ? `${pause.turns} turns` : `${pause.milliseconds} ms`;
  return [kind, ...details, `(${after})`].join(' ');
}
