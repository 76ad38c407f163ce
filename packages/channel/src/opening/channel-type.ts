import { equalFeatures, featuresFromBits, isNegotiated } from '@boltwright/wire';
import type { ChannelType } from '../channel-parameters.ts';

const staticRemotekeyBit = 12;
const anchorsBit = 22;
const scidAliasBit = 46;

/** The feature vector of a type (BOLT 2, Defined Channel Types), as short as can be. */
export function channelTypeBytes(type: ChannelType): Uint8Array {
  const bits = [staticRemotekeyBit];
  if (type.commitmentFormat === 'anchors') bits.push(anchorsBit);
  if (type.scidAlias) bits.push(scidAliasBit);
  return featuresFromBits(bits);
}

/** The type that a feature vector means; undefined for one that we do not make channels of. */
export function channelTypeOf(bytes: Uint8Array): ChannelType | undefined {
  for (const commitmentFormat of ['static_remotekey', 'anchors'] as const) {
    for (const scidAlias of [false, true]) {
      const type = { commitmentFormat, scidAlias };
      if (equalFeatures(channelTypeBytes(type), bytes)) return type;
    }
  }
  return undefined;
}

/** Whether both sides know all that the type needs. */
export const isTypeNegotiated = (type: ChannelType, ours: Uint8Array, theirs: Uint8Array): boolean =>
  (type.commitmentFormat !== 'anchors' || isNegotiated(ours, theirs, 'option_anchors')) &&
  (!type.scidAlias || isNegotiated(ours, theirs, 'option_scid_alias'));

/** What we propose: anchors where both know them, and an alias only for a private channel. */
export const preferredType = (
  ours: Uint8Array,
  theirs: Uint8Array,
  anchors: boolean,
  announce: boolean,
): ChannelType => ({
  commitmentFormat: anchors && isNegotiated(ours, theirs, 'option_anchors') ? 'anchors' : 'static_remotekey',
  scidAlias: !announce && isNegotiated(ours, theirs, 'option_scid_alias'),
});
