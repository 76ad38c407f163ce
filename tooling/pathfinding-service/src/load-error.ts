import type { SnapshotError } from '@boltwright/routing';

/** Why there is no graph to serve. */
export interface LoadError {
  readonly kind: 'unreadable_file' | 'unwritable_file' | 'bad_csv' | SnapshotError['kind'];
  readonly message: string;
}
