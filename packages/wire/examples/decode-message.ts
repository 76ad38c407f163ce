import { channelId } from '@boltwright/base';
import { decodeMessage, encodeMessage, errorData, hasFeature, unknownRequiredBits } from '@boltwright/wire';

/** What to answer to the bytes of a first message: nothing, or the bytes of an `error`. */
export function answerTo(bytes: Uint8Array): Uint8Array | undefined {
  const data = problemOf(bytes);
  const everyChannel = channelId('00'.repeat(32));
  return data === undefined ? undefined : encodeMessage({ type: 'error', channelId: everyChannel, data });
}

function problemOf(bytes: Uint8Array): Uint8Array | undefined {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return errorData(decoded.error.message);
  const message = decoded.value;
  if (message.type !== 'init') return errorData(`expected init, got ${message.type}`);
  const [bit] = unknownRequiredBits(message.features);
  if (bit !== undefined) return errorData(`unknown feature bit ${bit}`);
  return hasFeature(message.features, 'option_anchors') ? undefined : errorData('we need anchors');
}
