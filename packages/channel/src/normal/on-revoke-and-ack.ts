import { copyBytes, equalBytes, invariant, ok, type Result } from '@boltwright/base';
import { insertSecret } from '@boltwright/transactions';
import type { RevokeAndAck } from '@boltwright/wire';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError } from '../channel-error.ts';
import { advance } from '../commitments/advance.ts';
import type { ChannelHtlc } from '../commitments/channel-htlc.ts';
import { dustExposureMsat, isDust } from '../commitments/limits.ts';
import { feerateIn, viewOf } from '../commitments/view.ts';
import { type OperatingState, updateMonitor } from '../funded-channel.ts';
import { sections, violation } from '../problem.ts';
import { answered } from '../signer-pending.ts';
import type { Step } from '../step.ts';

/** BOLT 2, `revoke_and_ack`, Requirements of the receiver: what this makes irrevocable goes to the shell. */
export function onRevokeAndAck(
  state: OperatingState,
  message: RevokeAndAck,
  env: ChannelEnv,
): Result<Step, ChannelError> {
  const { parameters, commitments, channelId } = state;
  const fault = (code: string, field: string, text: string) =>
    violation(channelId, 'failChannel', { code, section: sections.revocation, field, message: text });
  const { awaitedRevocation, ...rest } = commitments;
  if (awaitedRevocation === undefined) {
    return fault('out_of_order', 'per_commitment_secret', 'no commitment of theirs is to be revoked');
  }
  const secret = copyBytes(message.perCommitmentSecret);
  if (!env.crypto.isSecretKey(secret) || !equalBytes(env.crypto.publicKey(secret), awaitedRevocation.remotePoint)) {
    return fault('wrong_secret', 'per_commitment_secret', 'it does not give the previous per-commitment point');
  }
  if (!env.crypto.isPoint(message.nextPerCommitmentPoint)) {
    return fault('invalid_point', 'next_per_commitment_point', 'not a point of secp256k1');
  }
  const index = commitments.remoteIndex - 1n;
  const remoteSecrets = insertSecret(env.crypto, commitments.remoteSecrets, index, secret);
  if (!remoteSecrets.ok) {
    return fault('underivable_secret', 'per_commitment_secret', 'earlier secrets do not follow from it (BOLT 3)');
  }
  answered(env.signer.validateCounterpartyRevocation(index, secret));
  const advanced = advance(rest, parameters.isOpener, 'revocationReceived');
  const next: OperatingState = {
    ...state,
    commitments: {
      ...advanced.commitments,
      remoteNextPoint: copyBytes(message.nextPerCommitmentPoint),
      remoteSecrets: remoteSecrets.value,
    },
  };
  const updated = updateMonitor(next, [{ kind: 'commitmentSecret', index, secret }]);
  return ok({
    state: updated.state,
    effects: [
      updated.effect,
      ...advanced.received.map((htlc) => received(updated.state, htlc, env)),
      ...advanced.removed.flatMap(failed),
    ],
  });
}

function received(state: OperatingState, htlc: ChannelHtlc, env: ChannelEnv): ChannelEffect {
  const { id, amountMsat, paymentHash, cltvExpiry, onionRoutingPacket, pathKey } = htlc;
  invariant(onionRoutingPacket !== undefined, 'an HTLC has its onion until it is handed out');
  return {
    kind: 'htlcReceived',
    htlc: {
      id,
      amountMsat,
      paymentHash,
      cltvExpiry,
      onionRoutingPacket,
      ...(pathKey === undefined ? {} : { pathKey }),
      ...(exceedsDust(state, htlc, env) ? { exceedsDustExposure: true as const } : {}),
    },
  };
}

/** BOLT 2, Bounding exposure to trimmed in-flight HTLCs: such an HTLC is to be failed, and no preimage of it revealed. */
function exceedsDust(state: OperatingState, htlc: ChannelHtlc, env: ChannelEnv): boolean {
  const { parameters, commitments } = state;
  const feerate = feerateIn(commitments, parameters.isOpener, 'all');
  const dusty = (['local', 'remote'] as const).filter((side) => isDust(parameters, side, feerate, htlc));
  if (dusty.length === 0) return false;
  const view = viewOf(commitments, parameters.isOpener, 'all');
  const limit = env.channelConfig.maxDustHtlcExposureMsat;
  return dusty.some((broadcaster) => dustExposureMsat(parameters, broadcaster, view) > limit);
}

/** Ours, removed for good: a failure is told only now; a preimage was told at once. */
function failed({ id, source, paymentHash, removal }: ChannelHtlc): readonly ChannelEffect[] {
  const outcome = removal?.outcome;
  if (source === undefined || outcome === undefined || outcome.kind === 'fulfilled') return [];
  return [{ kind: 'htlcFailed', id, source, paymentHash, failure: outcome }];
}
