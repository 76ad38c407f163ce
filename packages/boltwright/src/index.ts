export { createNode } from './assembly/create-node.ts';
export { defaultConfig } from './assembly/default-config.ts';
export { defaultCrypto } from './assembly/default-crypto.ts';
export { embeddedChain, type NodeChain } from './assembly/node-chain.ts';
export type { NodeOptions } from './assembly/node-options.ts';
export { LightningNode, type PaymentOutcome } from './lightning-node.ts';
