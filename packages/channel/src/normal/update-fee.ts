import { type FeeratePerKw, ok, type Result } from '@boltwright/base';
import type { UpdateFee } from '@boltwright/wire';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError, ChannelRefusal } from '../channel-error.ts';
import type { ChannelParameters } from '../channel-parameters.ts';
import type { ChannelState, FundedState } from '../channel-state.ts';
import type { Commitments } from '../commitments/commitments.ts';
import { balanceOf, dustExposureMsat, openerCostMsat, openerOf, reserveOf } from '../commitments/limits.ts';
import { otherSide } from '../commitments/update-stage.ts';
import { feerateIn, type ViewName, viewOf } from '../commitments/view.ts';
import { canSend, isOperating, type OperatingState } from '../funded-channel.ts';
import { type Problem, refusal, sections, violation } from '../problem.ts';
import type { Step } from '../step.ts';
import { feerateProblem } from './feerate-bounds.ts';

/** BOLT 2, Updating Fees: the opener can pay it with its reserve kept; no more becomes dust than either side bears. */
function problemOfFee(
  parameters: ChannelParameters,
  commitments: Commitments,
  feerate: FeeratePerKw,
  views: readonly ViewName[],
  env: ChannelEnv,
): Problem | undefined {
  const opener = openerOf(parameters);
  const fault = (code: string, message: string): Problem => ({
    code,
    section: sections.fee,
    field: 'feerate_per_kw',
    message,
  });
  for (const name of views) {
    const view = viewOf(commitments, parameters.isOpener, name);
    const left = balanceOf(view, opener) - openerCostMsat(parameters, otherSide(opener), view, feerate);
    const reserve = reserveOf(parameters, opener);
    if (left < reserve) {
      return fault('cannot_afford', `at ${feerate} the opener keeps ${left} msat, its reserve is ${reserve}`);
    }
    if (parameters.channelType.commitmentFormat === 'anchors' || feerate <= view.feeratePerKw) continue;
    for (const broadcaster of ['local', 'remote'] as const) {
      const exposure = dustExposureMsat(parameters, broadcaster, view, feerate);
      const { maxDustHtlcExposureMsat } = env.channelConfig;
      if (exposure > maxDustHtlcExposureMsat) {
        return fault('dust_exposure', `at ${feerate} ${exposure} msat are dust, at most ${maxDustHtlcExposureMsat}`);
      }
    }
  }
  return undefined;
}

/** A later proposal takes the place of one that is not signed yet. */
const withFee = (commitments: Commitments, feeratePerKw: FeeratePerKw): Commitments => ({
  ...commitments,
  feeUpdates: [
    ...commitments.feeUpdates.filter(({ stage }) => stage !== 'proposed'),
    { feeratePerKw, stage: 'proposed' },
  ],
});

export const feeMessage = (state: FundedState, feeratePerKw: FeeratePerKw): UpdateFee => ({
  type: 'update_fee',
  channelId: state.channelId,
  feeratePerKw,
});

const hasHtlcs = (commitments: Commitments, isOpener: boolean): boolean =>
  (['local', 'remote'] as const).some((name) => viewOf(commitments, isOpener, name).htlcs.length > 0);

/** Opener: proposes a feerate. */
export function updateFee(
  state: ChannelState,
  feeratePerKw: FeeratePerKw,
  env: ChannelEnv,
): Result<Step, ChannelRefusal> {
  const refuse = (code: string, message: string) => refusal(state.channelId, code, message);
  if (!isOperating(state)) return refuse('notUsable', `the channel is in state ${state.kind}`);
  if (!state.parameters.isOpener) return refuse('notOpener', 'only the opener sets the feerate');
  if (!canSend(state) || !state.localReady || !state.remoteReady) {
    return refuse('notConnected', 'the peer or the signer is away');
  }
  // BOLT 2, Closing Initiation: no update once no HTLC is left in either commitment. The removal of the last one need not
  // be irrevocable here: the peer's revoke_and_ack may be on its way, and the peer waits for closing_signed alone.
  if (state.kind === 'shuttingDown' && !hasHtlcs(state.commitments, state.parameters.isOpener)) {
    return refuse('notUsable', 'the channel is closing');
  }
  const { parameters, commitments } = state;
  const problem = problemOfFee(parameters, commitments, feeratePerKw, ['remoteNext', 'all'], env);
  if (problem !== undefined) return refuse(problem.code, problem.message);
  return ok({
    state: { ...state, commitments: withFee(commitments, feeratePerKw) },
    effects: [{ kind: 'send', message: feeMessage(state, feeratePerKw) }],
  });
}

/** Not the opener: BOLT 2, Updating Fees, Requirements of the receiver. */
export function onUpdateFee(state: OperatingState, message: UpdateFee, env: ChannelEnv): Result<Step, ChannelError> {
  const { parameters, commitments, channelId } = state;
  if (parameters.isOpener) {
    return violation(channelId, 'failChannel', {
      code: 'not_opener',
      section: sections.fee,
      message: 'update_fee from the side that does not pay the fee',
    });
  }
  const { feeratePerKw } = message;
  const current = feerateIn(commitments, parameters.isOpener, 'localNext');
  const problem =
    feerateProblem(feeratePerKw, parameters.channelType.commitmentFormat, sections.fee, env, current) ??
    problemOfFee(parameters, commitments, feeratePerKw, ['localNext'], env);
  if (problem !== undefined) return violation(channelId, 'failChannel', problem);
  return ok({ state: { ...state, commitments: withFee(commitments, feeratePerKw) }, effects: [] });
}
