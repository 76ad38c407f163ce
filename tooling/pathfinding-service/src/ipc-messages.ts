import type { Result } from '@boltwright/base';
import type { LoadError } from './load-error.ts';
import type { PreparedSnapshot } from './prepare-snapshot.ts';
import type { ReloadReport } from './reload-endpoint.ts';

/** What the primary tells a worker. */
export type PrimaryMessage =
  | {
      readonly kind: 'start';
      readonly snapshot: PreparedSnapshot;
      readonly host: string;
      readonly port: number;
      readonly pageFolder: string | null;
    }
  | { readonly kind: 'load'; readonly snapshot: PreparedSnapshot }
  | { readonly kind: 'reloaded'; readonly request: number; readonly report: Result<ReloadReport, LoadError> }
  /** null where a worker did not tell its own in time. */
  | { readonly kind: 'metrics'; readonly request: number; readonly text: string | null }
  | { readonly kind: 'stop' };

/** What a worker tells the primary. */
export type WorkerMessage =
  /** It listens to the primary: what is sent before may be lost. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'listening'; readonly address: string }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'loaded';
      readonly generation: number;
      readonly result: Result<{ readonly channels: number; readonly nodes: number }, LoadError>;
    }
  | { readonly kind: 'reload'; readonly request: number }
  | { readonly kind: 'metrics'; readonly request: number };
