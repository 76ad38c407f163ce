export type * from './channel-command.ts';
export type * from './channel-effect.ts';
export type * from './channel-env.ts';
export type * from './channel-error.ts';
export type * from './channel-input.ts';
export type * from './htlc-source.ts';
