import { assertNever, type NodeId, nodeIdBytes, type ShortChannelId } from '@boltwright/base';
import type { HtlcFailure } from '@boltwright/channel';
import type { CryptoBackend } from '@boltwright/crypto';
import type { Path } from '@boltwright/interfaces';
import { blindingFactor, failureFlagsOf, unwrapFailure } from '@boltwright/onion';

/** What a failed part tells the payer. */
export interface PathFailure {
  /** BOLT 4's name. */
  readonly failure: string;
  /** The channel that did not carry it; undefined where the failure has no sender, or the payee sent it. */
  readonly failedAt?: ShortChannelId;
  /** To be left out of the next attempt. */
  readonly excludedChannel?: ShortChannelId;
  readonly excludedNode?: NodeId;
  /** The payee refuses: trying again changes nothing. */
  readonly isFinal: boolean;
}

/**
 * Reads how a part of a payment failed.
 *
 * @see BOLT #4, Receiving Failure Codes
 */
export function readPathFailure(
  crypto: CryptoBackend,
  path: Path,
  sessionKey: Uint8Array,
  failure: HtlcFailure,
): PathFailure {
  const { hops } = path;
  switch (failure.kind) {
    case 'malformed':
      // Our own peer could not read the onion, so nobody further on can be at fault.
      return { failure: 'invalid_onion', isFinal: false, ...failedChannel(path, 0) };
    case 'failed': {
      const unwrapped = unwrapFailure(crypto, {
        sharedSecrets: sharedSecretsOf(crypto, path, sessionKey),
        reason: failure.reason,
      });
      if (unwrapped.kind === 'unattributable') {
        // Someone on the way altered it. The channel into the last hop but one is as good a guess as any, and one that
        // ends: each attempt excludes another channel.
        return {
          failure: 'unattributable',
          isFinal: false,
          ...(hops.length > 1 ? { excludedChannel: hops[hops.length - 1]!.shortChannelId } : {}),
        };
      }
      const { hop } = unwrapped;
      const isPayee = hop === hops.length - 1;
      if (unwrapped.kind === 'malformed') {
        return { failure: 'malformed', isFinal: isPayee, ...(isPayee ? {} : { excludedNode: hops[hop]!.nodeId }) };
      }
      const flags = failureFlagsOf(unwrapped.failure);
      const name = unwrapped.failure.kind;
      if (isPayee) return { failure: name, isFinal: flags.perm };
      const failed = failedChannel(path, hop + 1);
      if (!flags.node) return { failure: name, isFinal: false, ...failed };
      return { failure: name, isFinal: false, failedAt: failed.failedAt, excludedNode: hops[hop]!.nodeId };
    }
    default:
      return assertNever(failure);
  }
}

const failedChannel = (path: Path, hop: number) => {
  const { shortChannelId } = path.hops[hop]!;
  return { failedAt: shortChannelId, excludedChannel: shortChannelId };
};

/** The secrets that the onion of this session shared with each hop (BOLT 4, Shared Secret). */
function sharedSecretsOf(crypto: CryptoBackend, path: Path, sessionKey: Uint8Array): Uint8Array[] {
  const secrets: Uint8Array[] = [];
  let ephemeral = sessionKey;
  for (const { nodeId } of path.hops) {
    const secret = crypto.ecdh(nodeIdBytes(nodeId), ephemeral);
    if (secret === undefined) return secrets;
    secrets.push(secret);
    const next = crypto.scalarMultiply(ephemeral, blindingFactor(crypto, crypto.publicKey(ephemeral), secret));
    if (next === undefined) return secrets;
    ephemeral = next;
  }
  return secrets;
}
