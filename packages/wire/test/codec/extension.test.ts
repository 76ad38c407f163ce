import { fromHex, toHex } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import { decodeMessage, encodeMessage } from '../../src/index.ts';

// Source: BOLT 1, Appendix C: Message Extension.
const vectors: readonly { readonly message: string; readonly isValid: boolean; readonly about: string }[] = [
  { message: '001000000000', isValid: true, about: 'no extension' },
  { message: '001000000000c9012acb0104', isValid: true, about: 'two unknown odd records' },
  { message: '00100000000001', isValid: false, about: 'a truncated extension' },
  { message: '001000000000ca012a', isValid: false, about: 'an unknown even record' },
  { message: '001000000000c90101c90102', isValid: false, about: 'a record twice' },
];

describe('BOLT 1, Appendix C: Message Extension', () => {
  for (const { message, isValid, about } of vectors) {
    test(`init with ${about} is ${isValid ? 'valid' : 'invalid'}`, () => {
      const decoded = decodeMessage(fromHex(message));
      expect(decoded.ok).toBe(isValid);
      if (decoded.ok) expect(toHex(encodeMessage(decoded.value))).toBe(message);
    });
  }
});
