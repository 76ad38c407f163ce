import type { ChannelMessage } from '@boltwright/interfaces';
import type { Party } from '../../../../tooling/simulate/src/channel/party.ts';
import type { ChannelError, ChannelRefusal } from '../../src/index.ts';

/** Feeds a message that breaks the BOLT; says what came of it, and that nothing changed. */
export function violationOf(party: Party, message: ChannelMessage): string {
  const before = party.state;
  return (
    described(party.feed({ kind: 'message', message })) + (party.state === before ? '' : ', but the state changed')
  );
}

export const described = (error: ChannelError | ChannelRefusal | undefined): string => {
  if (error === undefined) return 'accepted';
  if (error.kind === 'refused') return `refused: ${error.code}`;
  return `${error.reaction}: ${error.code}${error.field === undefined ? '' : ` (${error.field})`}`;
};
