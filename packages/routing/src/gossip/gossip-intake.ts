import { assertNever, equalBytes, fromHex, type NodeId, nodeIdOf, type ShortChannelId, toHex } from '@boltwright/base';
import {
  type ChannelAnnouncement,
  type ChannelUpdate,
  decodeNodeAddresses,
  type NodeAnnouncement,
  signedPart,
} from '@boltwright/wire';
import { applyNode, applyUpdate, logRefusal } from './apply-gossip.ts';
import { fundingOutputScript } from './funding-script.ts';
import { checkAnnouncement, checkUpdate, directionOf } from './gossip-checks.ts';
import type { GossipGraphChannel } from './gossip-graph.ts';
import type { GossipIntakePorts, UtxoAnswer } from './gossip-ports.ts';
import { type GossipProblem, type GossipProblemKind, gossipProblem } from './gossip-problem.ts';
import { keep } from './kept-gossip.ts';
import {
  type GossipJob,
  type GossipOrigin,
  type PendingChannel,
  PendingChannels,
  type SignedGossip,
} from './pending-channels.ts';
import { RejectedGossip } from './rejected-gossip.ts';
import type { SignatureBatchId, SignatureCheck } from './signature-checks.ts';
import { VerificationQueue } from './verification-queue.ts';

const spentRejection = (id: ShortChannelId): string => `output ${id}`;

/**
 * Takes signed gossip in: what is old, known or worthless goes before any signature is looked at; the rest through the
 * verifier by the batch, announced channels also through a look-up of their output; then into graph and store.
 *
 * What concerns a channel that is being looked at waits for it, in its order.
 */
export class GossipIntake {
  readonly #ports: GossipIntakePorts;
  readonly #pending: PendingChannels;
  readonly #queue: VerificationQueue<GossipJob>;
  readonly #rejected: RejectedGossip;
  readonly #blacklist = new Set<NodeId>();
  #ticks = 0;

  constructor(ports: GossipIntakePorts) {
    this.#ports = ports;
    const { limits, verifier, logger } = ports;
    this.#pending = new PendingChannels(limits);
    this.#rejected = new RejectedGossip(limits.maxRejected);
    this.#queue = new VerificationQueue(
      verifier,
      logger,
      limits.batchSize,
      (job, valid) => this.#judged(job, valid),
      (job) => this.#abandon(job),
    );
  }

  /** Messages on their way, those that wait for a channel included. */
  get size(): number {
    return this.#queue.size + this.#pending.awaitingOutput + this.#pending.held;
  }

  /**
   * Takes one message.
   *
   * @param raw - With its type.
   * @param admit - Asked before anything costly: false drops the message.
   * @returns What is wrong with it, as far as it shows at once; what shows later goes to `punish`.
   */
  handle(
    message: SignedGossip,
    raw: Uint8Array,
    origin: GossipOrigin,
    admit: () => boolean = () => true,
  ): GossipProblem | undefined {
    switch (message.type) {
      case 'channel_announcement':
        return this.#announcement(message, raw, origin, admit);
      case 'channel_update':
        return this.#update(message, raw, origin, admit);
      case 'node_announcement':
        return this.#node(message, raw, origin, admit);
      default:
        return assertNever(message);
    }
  }

  /** Whether a channel's announcement is being looked at. */
  isPending(id: ShortChannelId): boolean {
    return this.#pending.get(id) !== undefined;
  }

  /** Has what waits checked. */
  submit(): void {
    this.#queue.submit();
  }

  signaturesChecked(batch: SignatureBatchId, answers: readonly boolean[]): void {
    this.#queue.checked(batch, answers);
  }

  /** The late answer of a look-up; one that nobody waits for is passed over. */
  utxoFound(id: ShortChannelId, answer: UtxoAnswer): void {
    const pending = this.#pending.get(id);
    if (pending?.utxoTicks !== undefined) this.#judgeOutput(pending, answer);
  }

  countTick(): void {
    this.#ticks += 1;
    this.#queue.countTick(this.#ports.limits.verifierTicks);
    if (this.#ticks % this.#ports.limits.rejectedTicks === 0) this.#rejected.age();
    for (const pending of this.#pending.countTick()) {
      logRefusal(
        this.#ports,
        'no_funding_output',
        `nobody looked up the output of ${pending.job.message.shortChannelId}`,
      );
      this.#release(pending);
    }
  }

  // ---- channel_announcement -----------------------------------------------------------------------------------

  #announcement(
    message: ChannelAnnouncement,
    raw: Uint8Array,
    origin: GossipOrigin,
    admit: () => boolean,
  ): GossipProblem | undefined {
    const problem = checkAnnouncement(this.#ports, message, origin, (point) => this.#isBlacklisted(point));
    if (problem !== undefined) return problem;
    const { shortChannelId: id } = message;
    const pending = this.#pending.get(id);
    if (pending !== undefined) {
      if (equalBytes(pending.job.raw, raw)) {
        pending.job.origins.add(origin);
        return gossipProblem('duplicate', `channel ${id} is being looked at`);
      }
      return this.#hold(pending, message, raw, origin, admit);
    }
    const hash = this.#ports.crypto.hash256(signedPart(raw));
    const content = toHex(hash);
    if (this.#rejected.has(content) || this.#rejected.has(spentRejection(id))) {
      return gossipProblem('known_worthless', `channel ${id} was refused before`);
    }
    if (this.#pending.isFull || this.#isFull() || !admit()) {
      return gossipProblem('overloaded', 'too many channels are being looked at');
    }
    const copy = keep(message, raw);
    const { nodeId1, nodeId2, bitcoinKey1, bitcoinKey2 } = copy.message;
    const checks: SignatureCheck[] = [
      { signature: copy.message.nodeSignature1, hash, point: nodeId1 },
      { signature: copy.message.nodeSignature2, hash, point: nodeId2 },
      { signature: copy.message.bitcoinSignature1, hash, point: bitcoinKey1 },
      { signature: copy.message.bitcoinSignature2, hash, point: bitcoinKey2 },
    ];
    const job = { ...copy, key: `channel ${id}`, checks, origins: new Set([origin]) };
    this.#pending.add(job);
    this.#queue.add(job);
    return undefined;
  }

  #judgedAnnouncement(job: GossipJob<ChannelAnnouncement>, valid: boolean): void {
    const { chainWatch, chainHash, logger } = this.#ports;
    const { shortChannelId: id } = job.message;
    const pending = this.#pending.get(id);
    if (pending?.job !== job) return;
    if (!valid) {
      this.#punishAll(job, 'invalid_announcement_signature', `channel ${id}`);
      this.#release(pending);
      return;
    }
    if (chainWatch === undefined) {
      this.#accept(pending, undefined);
      return;
    }
    this.#pending.awaitOutput(pending);
    try {
      const answer = chainWatch.getChainUtxo(chainHash, id);
      if (answer.kind === 'ready') this.#judgeOutput(pending, answer.value);
    } catch (error) {
      // As one that never answers: given up after a while.
      logger.log('error', 'getChainUtxo threw', { error: error instanceof Error ? error.message : String(error) });
    }
  }

  #judgeOutput(pending: PendingChannel, answer: UtxoAnswer): void {
    const { crypto } = this.#ports;
    const { message, origins } = pending.job;
    const { shortChannelId: id, bitcoinKey1, bitcoinKey2 } = message;
    if (answer.ok) {
      if (equalBytes(answer.value.script, fundingOutputScript(crypto, bitcoinKey1, bitcoinKey2))) {
        this.#accept(pending, answer.value.value);
        return;
      }
      // The content, not the id: another announcement of this output may be right.
      this.#rejected.add(toHex(pending.job.checks[0]!.hash));
      logRefusal(this.#ports, 'other_funding_script', `channel ${id}: the output pays to others`);
    } else {
      // Our own channel is ours to know.
      if (origins.has('own')) {
        this.#accept(pending, undefined);
        return;
      }
      // Spent is spent, whoever announces it; what is unknown may only be so to a chain that lags behind.
      this.#rejected.add(answer.error === 'spent' ? spentRejection(id) : toHex(pending.job.checks[0]!.hash));
      logRefusal(this.#ports, 'no_funding_output', `channel ${id}: ${answer.error}`);
    }
    this.#release(pending);
  }

  #accept(pending: PendingChannel, capacitySat: GossipGraphChannel['capacitySat']): void {
    const { graph, records, clock, limits } = this.#ports;
    const { message, raw, origins } = pending.job;
    const { shortChannelId: id, nodeId1, nodeId2, features } = message;
    if (graph.channelIndex(id) >= 0 && !this.#resolveConflict(message)) {
      this.#release(pending);
      return;
    }
    const added = graph.addChannel({
      shortChannelId: id,
      nodeId1,
      nodeId2,
      features,
      ...(capacitySat === undefined ? {} : { capacitySat }),
      ...(clock.now === undefined ? {} : { receivedAt: clock.now }),
    });
    if (added.ok) {
      const relay = raw.length <= limits.maxRelayBytes;
      if (relay) records.putChannel(message, raw);
      this.#ports.accepted({ key: { kind: 'channel', id }, timestamp: 0, origins, relay });
    } else logRefusal(this.#ports, 'refused_by_graph', added.error.message);
    this.#release(pending);
  }

  /** The output is announced between other nodes too. True where the way is free for this announcement. */
  #resolveConflict(message: ChannelAnnouncement): boolean {
    const { graph, records } = this.#ports;
    const { shortChannelId: id } = message;
    const known = records.announcement(id);
    if (known === undefined) {
      // Nobody here verified the one that is known, such as a snapshot's: the verified one stands.
      graph.removeChannel(id);
      return true;
    }
    // BOLT 7, channel_announcement: keys have leaked; none of the four is trusted, and their channels are forgotten.
    logRefusal(this.#ports, 'conflicting_announcement', `channel ${id} was announced between other nodes`);
    for (const point of [known.nodeId1, known.nodeId2, message.nodeId1, message.nodeId2]) {
      if (this.#blacklist.size < this.#ports.limits.maxBlacklisted) this.#blacklist.add(nodeIdOf(point));
      graph.removeNode(nodeIdOf(point));
    }
    records.forgetPruned();
    return false;
  }

  #release(pending: PendingChannel): void {
    for (const { message, raw, origin } of this.#pending.remove(pending)) {
      const problem = this.handle(message, raw, origin);
      if (problem !== undefined && problem.reaction !== 'ignore' && origin !== 'own') {
        this.#ports.punish(origin, problem);
      }
    }
  }

  // ---- channel_update -----------------------------------------------------------------------------------------

  #update(
    message: ChannelUpdate,
    raw: Uint8Array,
    origin: GossipOrigin,
    admit: () => boolean,
  ): GossipProblem | undefined {
    const { graph, chainHash } = this.#ports;
    const { shortChannelId: id } = message;
    if (message.chainHash !== chainHash) return gossipProblem('unknown_chain', `chain ${message.chainHash}`);
    if (graph.channelIndex(id) < 0) {
      const pending = this.#pending.get(id);
      if (pending !== undefined) return this.#hold(pending, message, raw, origin, admit);
      this.#ports.stray(origin, id);
      return gossipProblem('unknown_channel', `there is no channel ${id}`);
    }
    const problem = checkUpdate(this.#ports, message, origin);
    if (problem !== undefined) return problem;
    return this.#queueOne(message, raw, origin, admit, () => {
      const channel = graph.channel(id)!;
      return fromHex(directionOf(message) === 0 ? channel.nodeId1 : channel.nodeId2);
    });
  }

  // ---- node_announcement --------------------------------------------------------------------------------------

  #node(
    message: NodeAnnouncement,
    raw: Uint8Array,
    origin: GossipOrigin,
    admit: () => boolean,
  ): GossipProblem | undefined {
    const { graph } = this.#ports;
    const { nodeId: point, timestamp } = message;
    if (point[0] !== 2 && point[0] !== 3) {
      return gossipProblem('invalid_node_id', `${toHex(point)} is no compressed public key`);
    }
    const id = nodeIdOf(point);
    if (graph.nodeIndex(point) < 0) {
      const pending = this.#pending.withNode(id);
      if (pending !== undefined) return this.#hold(pending, message, raw, origin, admit);
      return gossipProblem('unknown_node', `${id} has no channel`);
    }
    const last = graph.node(id)?.announcement?.timestamp;
    if (last !== undefined && timestamp <= last) {
      if (timestamp === last) this.#ports.seen(origin, { kind: 'node', id }, timestamp);
      return gossipProblem('old_timestamp', `node ${id}: timestamp ${timestamp} is not after ${last}`);
    }
    const now = this.#ports.clock.now;
    if (now !== undefined && timestamp > now + this.#ports.limits.maxFutureSeconds) {
      return gossipProblem('future_timestamp', `node ${id}: timestamp ${timestamp} is after ${now}`);
    }
    const addresses = decodeNodeAddresses(message.addresses);
    if (!addresses.ok) return gossipProblem('invalid_addresses', `node ${id}: ${addresses.error.message}`);
    return this.#queueOne(message, raw, origin, admit, (kept) => kept.nodeId);
  }

  // ---- what they share ----------------------------------------------------------------------------------------

  #queueOne<M extends ChannelUpdate | NodeAnnouncement>(
    message: M,
    raw: Uint8Array,
    origin: GossipOrigin,
    admit: () => boolean,
    signer: (kept: M) => Uint8Array,
  ): GossipProblem | undefined {
    const hash = this.#ports.crypto.hash256(signedPart(raw));
    // Signature and content: a forged message must not keep the right one out.
    const key = toHex(message.signature) + toHex(hash);
    const underWay = this.#queue.find(key);
    if (underWay !== undefined) {
      underWay.origins.add(origin);
      return gossipProblem('duplicate', 'its signature is being checked');
    }
    if (this.#isFull() || !admit()) return gossipProblem('overloaded', 'too many signatures wait to be checked');
    const copy = keep(message, raw);
    const checks = [{ signature: copy.message.signature, hash, point: signer(copy.message) }];
    this.#queue.add({ ...copy, key, checks, origins: new Set([origin]) });
    return undefined;
  }

  #hold(
    pending: PendingChannel,
    message: SignedGossip,
    raw: Uint8Array,
    origin: GossipOrigin,
    admit: () => boolean,
  ): GossipProblem | undefined {
    if (admit() && this.#pending.hold(pending, { ...keep(message, raw), origin })) return undefined;
    return gossipProblem('overloaded', `too much waits for channel ${pending.job.message.shortChannelId}`);
  }

  #isFull(): boolean {
    return this.#queue.size >= this.#ports.limits.maxInFlight;
  }

  #judged(job: GossipJob, valid: boolean): void {
    if (isJobOf(job, 'channel_announcement')) this.#judgedAnnouncement(job, valid);
    else if (isJobOf(job, 'channel_update')) {
      if (valid) applyUpdate(this.#ports, job);
      else this.#punishAll(job, 'invalid_update_signature', `channel ${job.message.shortChannelId}`);
    } else if (isJobOf(job, 'node_announcement')) {
      if (valid) applyNode(this.#ports, job);
      else this.#punishAll(job, 'invalid_node_signature', `node ${toHex(job.message.nodeId)}`);
    }
  }

  /** Nobody could say whether it is right: as if it had not come. */
  #abandon(job: GossipJob): void {
    if (!isJobOf(job, 'channel_announcement')) return;
    const pending = this.#pending.get(job.message.shortChannelId);
    if (pending?.job === job) this.#release(pending);
  }

  #punishAll({ origins }: GossipJob, kind: GossipProblemKind, what: string): void {
    const problem = gossipProblem(kind, `${what}: the signature is not valid`);
    for (const origin of origins) if (origin !== 'own') this.#ports.punish(origin, problem);
    if (origins.has('own')) logRefusal(this.#ports, kind, `${what}, our own: the signature is not valid`, 'error');
  }

  #isBlacklisted(point: Uint8Array): boolean {
    return this.#blacklist.size > 0 && this.#blacklist.has(nodeIdOf(point));
  }
}

function isJobOf<T extends SignedGossip['type']>(
  job: GossipJob,
  type: T,
): job is GossipJob<Extract<SignedGossip, { type: T }>> {
  return job.message.type === type;
}
