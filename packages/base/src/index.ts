export * from './answer.ts';
export * from './assert.ts';
export * from './brand.ts';
export * from './bytes.ts';
export * from './chain-data.ts';
export * from './ids.ts';
export * from './result.ts';
export * from './units.ts';
