import { err, ok, type Result } from '@boltwright/base';
import { BadRecord, ByteSink, ByteSource } from './bytes-io.ts';
import type { Stored } from './stored.ts';

/** A record of the store that cannot be read, as data. */
export interface RecordError {
  readonly kind: 'badRecord';
  readonly key: string;
  readonly message: string;
}

/** One kind of record: its version and its fields. */
export interface RecordCodec<T> {
  encode(value: T): Uint8Array;
  decode(key: string, bytes: Uint8Array): Result<T, RecordError>;
}

/** @param version - one byte before the fields; a change that older code must not read past takes a new one. */
export function recordCodec<T>(version: number, type: Stored<T>): RecordCodec<T> {
  return {
    encode(value) {
      const sink = new ByteSink();
      sink.raw(Uint8Array.of(version));
      type.write(sink, value);
      return sink.finish();
    },
    decode(key, bytes) {
      if (bytes[0] !== version) {
        return err({ kind: 'badRecord', key, message: `version ${bytes[0] ?? 'none'}: ${version} is read` });
      }
      const source = new ByteSource(bytes.subarray(1));
      try {
        const value = type.read(source);
        if (source.remaining !== 0) throw new BadRecord(`${source.remaining} bytes too many`);
        return ok(value);
      } catch (error) {
        if (!(error instanceof BadRecord)) throw error;
        return err({ kind: 'badRecord', key, message: error.message });
      }
    },
  };
}
