import { type Feature, type FeatureContext, type FeatureTable, featureTable } from './feature-table.ts';

function feature<const Name extends string>(
  bit: number,
  name: Name,
  contexts: readonly FeatureContext[],
  dependencies: readonly string[] = [],
): Feature<Name> {
  return { name, bit, contexts, dependencies, isAssumed: false };
}

/** The table gives ASSUMED features no context any more: these are the ones they had, and in which nodes still set them. */
function assumed<const Name extends string>(
  bit: number,
  name: Name,
  contexts: readonly FeatureContext[],
): Feature<Name> {
  return { name, bit, contexts, dependencies: [], isAssumed: true };
}

const I = 'init';
const N = 'node';
const T = 'channelType';
const invoice = 'invoice';

const features = [
  assumed(0, 'option_data_loss_protect', [I, N]),
  feature(4, 'option_upfront_shutdown_script', [I, N]),
  // The table's context column is empty here; the bit tells a peer whether it is worth asking for gossip (BOLT 7).
  feature(6, 'gossip_queries', [I, N]),
  assumed(8, 'var_onion_optin', [I, N, invoice]),
  feature(10, 'gossip_queries_ex', [I, N]),
  assumed(12, 'option_static_remotekey', [I, N, T]),
  assumed(14, 'payment_secret', [I, N, invoice]),
  feature(16, 'basic_mpp', [I, N, invoice], ['payment_secret']),
  feature(18, 'option_support_large_channel', [I, N]),
  feature(22, 'option_anchors', [I, N, T]),
  feature(24, 'option_route_blinding', [I, N, invoice]),
  feature(26, 'option_shutdown_anysegwit', [I, N]),
  feature(28, 'option_dual_fund', [I, N]),
  feature(34, 'option_quiesce', [I, N]),
  feature(36, 'option_attribution_data', [I, N, invoice]),
  feature(38, 'option_onion_messages', [I, N]),
  feature(42, 'option_provide_storage', [I, N]),
  assumed(44, 'option_channel_type', [I, N]),
  feature(46, 'option_scid_alias', [I, N, T]),
  feature(48, 'option_payment_metadata', [invoice]),
  feature(50, 'option_zeroconf', [I, N, T], ['option_scid_alias']),
  feature(60, 'option_simple_close', [I, N], ['option_shutdown_anysegwit']),
  feature(62, 'option_splice', [I, N]),
] as const;

/** The names of BOLT 9's features. */
export type FeatureName = (typeof features)[number]['name'];

/** Every feature of BOLT 9. */
export const boltFeatures: FeatureTable<FeatureName> = featureTable<FeatureName>(features);
