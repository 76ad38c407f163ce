import { copyBytes } from '@boltwright/base';
import { invalidPubkey } from '@boltwright/transactions';
import type { AcceptChannel, OpenChannel } from '@boltwright/wire';
import type { ChannelEnv } from '../channel-env.ts';
import type { SideParameters } from '../channel-parameters.ts';
import { isShutdownScript } from '../closing/shutdown-script.ts';
import type { Problem } from '../problem.ts';

/** BOLT 3, Dust Limits: below it an output of an unknown segwit version would not be relayed. */
export const leastDustLimit = 354n;
/** Above it a peer could burn much by many small HTLCs (BOLT 2, `open_channel`, Rationale). */
export const largestDustLimit = 10_000n;
/** BOLT 2: so that a commitment with that many either way stays a standard transaction. */
export const mostHtlcs = 483;

/** What the counterparty said of itself. The bytes are copied out of the message. */
export function remoteSide(message: OpenChannel | AcceptChannel): SideParameters {
  const upfront = message.upfrontShutdownScript;
  return {
    pubkeys: {
      fundingPubkey: copyBytes(message.fundingPubkey),
      revocationBasepoint: copyBytes(message.revocationBasepoint),
      paymentBasepoint: copyBytes(message.paymentBasepoint),
      delayedPaymentBasepoint: copyBytes(message.delayedPaymentBasepoint),
      htlcBasepoint: copyBytes(message.htlcBasepoint),
    },
    dustLimitSatoshis: message.dustLimitSatoshis,
    maxHtlcValueInFlightMsat: message.maxHtlcValueInFlightMsat,
    channelReserveSatoshis: message.channelReserveSatoshis,
    htlcMinimumMsat: message.htlcMinimumMsat,
    toSelfDelay: message.toSelfDelay,
    maxAcceptedHtlcs: message.maxAcceptedHtlcs,
    ...(upfront !== undefined && upfront.length > 0 ? { upfrontShutdownScript: copyBytes(upfront) } : {}),
  };
}

/** What `open_channel` and `accept_channel` have in common is checked alike (BOLT 2, both messages' Requirements). */
export function problemOfSide(
  message: OpenChannel | AcceptChannel,
  local: SideParameters,
  section: string,
  anySegwit: boolean,
  env: ChannelEnv,
): Problem | undefined {
  const fault = (code: string, field: string, text: string): Problem => ({ code, section, field, message: text });
  const { limits } = env.config;
  const remote = remoteSide(message);
  const badKey = invalidPubkey(env.crypto, remote.pubkeys);
  if (badKey !== undefined) {
    return fault(
      'invalid_pubkey',
      badKey.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      'not a point of secp256k1',
    );
  }
  if (!env.crypto.isPoint(message.firstPerCommitmentPoint)) {
    return fault('invalid_point', 'first_per_commitment_point', 'not a point of secp256k1');
  }
  if (remote.maxAcceptedHtlcs > mostHtlcs) {
    return fault('too_many_htlcs', 'max_accepted_htlcs', `${remote.maxAcceptedHtlcs}, at most ${mostHtlcs}`);
  }
  if (remote.maxAcceptedHtlcs < limits.minMaxAcceptedHtlcs) {
    return fault(
      'too_few_htlcs',
      'max_accepted_htlcs',
      `${remote.maxAcceptedHtlcs}, at least ${limits.minMaxAcceptedHtlcs}`,
    );
  }
  if (remote.dustLimitSatoshis < leastDustLimit || remote.dustLimitSatoshis > largestDustLimit) {
    return fault(
      'unacceptable_dust_limit',
      'dust_limit_satoshis',
      `${remote.dustLimitSatoshis}, from ${leastDustLimit} to ${largestDustLimit} is accepted`,
    );
  }
  if (remote.dustLimitSatoshis > remote.channelReserveSatoshis) {
    return fault(
      'dust_above_reserve',
      'dust_limit_satoshis',
      `${remote.dustLimitSatoshis} is above channel_reserve_satoshis ${remote.channelReserveSatoshis}`,
    );
  }
  if (remote.channelReserveSatoshis < local.dustLimitSatoshis) {
    return fault(
      'reserve_below_dust',
      'channel_reserve_satoshis',
      `${remote.channelReserveSatoshis} is below our dust limit ${local.dustLimitSatoshis}`,
    );
  }
  if (local.channelReserveSatoshis < remote.dustLimitSatoshis) {
    return fault(
      'dust_above_our_reserve',
      'dust_limit_satoshis',
      `${remote.dustLimitSatoshis} is above the reserve ${local.channelReserveSatoshis} that we ask for`,
    );
  }
  if (remote.channelReserveSatoshis > limits.maxChannelReserveSatoshis) {
    return fault(
      'reserve_too_large',
      'channel_reserve_satoshis',
      `${remote.channelReserveSatoshis}, at most ${limits.maxChannelReserveSatoshis}`,
    );
  }
  if (remote.toSelfDelay > limits.theirToSelfDelay) {
    return fault('delay_too_long', 'to_self_delay', `${remote.toSelfDelay}, at most ${limits.theirToSelfDelay}`);
  }
  if (remote.htlcMinimumMsat > limits.maxHtlcMinimumMsat) {
    return fault(
      'minimum_too_large',
      'htlc_minimum_msat',
      `${remote.htlcMinimumMsat}, at most ${limits.maxHtlcMinimumMsat}`,
    );
  }
  if (remote.maxHtlcValueInFlightMsat < limits.minMaxHtlcValueInFlightMsat) {
    return fault(
      'too_little_in_flight',
      'max_htlc_value_in_flight_msat',
      `${remote.maxHtlcValueInFlightMsat}, at least ${limits.minMaxHtlcValueInFlightMsat}`,
    );
  }
  const upfront = remote.upfrontShutdownScript;
  if (upfront !== undefined && !isShutdownScript(upfront, anySegwit)) {
    return fault('invalid_script', 'upfront_shutdown_script', 'no form that shutdown allows');
  }
  return undefined;
}
