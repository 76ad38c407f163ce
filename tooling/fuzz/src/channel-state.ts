import { decodeChannelState, encodeChannelState } from '@boltwright/channel';
import { binaryCorpus } from './corpus.ts';
import { expectSameBytes, type Surface, type Target, violation } from './surface.ts';

const state: Surface = {
  name: 'state',
  seeds: () => binaryCorpus('tooling/fuzz/corpus/channel-state/seeds'),
  maxLength: 65_535,
  run: (input) => {
    const decoded = decodeChannelState(input);
    if (!decoded.ok) {
      const { kind, message } = decoded.error;
      if (kind !== 'stateDecodeError') violation(`an error of kind ${kind}`);
      // Without numbers the messages are few enough to count as outcomes.
      return `refused: ${message
        .replace(/[^\x20-\x7e]/g, '')
        .replace(/[0-9]+/g, '#')
        .substring(0, 80)}`;
    }
    // Records that the state does not need are dropped, so it is the second time that must not change.
    const once = encodeChannelState(decoded.value);
    const again = decodeChannelState(once);
    if (!again.ok) return violation(`encoded again it does not decode: ${again.error.message}`);
    expectSameBytes(encodeChannelState(again.value), once, 'state encoded again');
    return decoded.value.kind;
  },
};

export const channelState: Target = { name: 'channel-state', surfaces: [state] };
