import { DecodeFailure } from './failure.ts';
import type { FieldList, FieldType, FieldValues } from './field-type.ts';

/** Several fields as one value: a BOLT subtype, or the fields of a TLV record. */
export function struct<const F extends FieldList>(fields: F): FieldType<FieldValues<F>> {
  const names = Object.keys(fields);
  const types = Object.values(fields);
  const minSize = types.reduce((sum, type) => sum + type.minSize, 0);
  const isFixed = types.every((type) => type.isFixed);
  const valueAt = (value: FieldValues<F>, i: number): unknown => value[names[i]! as keyof F];
  return {
    minSize,
    isFixed,
    read(reader) {
      const value: Record<string, unknown> = {};
      let i = 0;
      try {
        for (; i < types.length; i++) value[names[i]!] = types[i]!.read(reader);
      } catch (failure) {
        if (failure instanceof DecodeFailure) failure.path.push(names[i]!);
        throw failure;
      }
      return value as FieldValues<F>;
    },
    size(value) {
      if (isFixed) return minSize;
      let size = 0;
      for (let i = 0; i < types.length; i++) size += types[i]!.size(valueAt(value, i));
      return size;
    },
    write(writer, value) {
      for (let i = 0; i < types.length; i++) types[i]!.write(writer, valueAt(value, i));
    },
  };
}
