import { channelState } from './channel-state.ts';
import { invoice } from './invoice.ts';
import { noise } from './noise.ts';
import { onion } from './onion.ts';
import type { Target } from './surface.ts';
import { wire, wireTlv } from './wire.ts';

/** Every target, by the name that the command line takes. */
export const targets: readonly Target[] = [wire, wireTlv, noise, onion, invoice, channelState];
