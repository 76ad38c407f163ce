import { concatBytes, type OutPointKey } from '@boltwright/base';
import type { ChannelSigner } from '@boltwright/interfaces';
import type { MonitorState } from '../state/monitor-state.ts';
import type { RevokedCommitment } from '../state/revoked-htlcs.ts';

const none = new Uint8Array(0);

/** A monitor in memory, with what its records lack yet. */
export class LiveMonitor {
  state: MonitorState;
  signer: ChannelSigner | undefined;
  /** The first update that is in the log and not in the whole. */
  firstLogged: bigint;
  /** Revoked since the whole was written. */
  readonly unwritten: RevokedCommitment[] = [];
  /** Update ids that name records of revoked HTLCs. */
  readonly revokedRecords: bigint[] = [];
  readonly watched = new Set<OutPointKey>();
  readonly #revoked = new Map<bigint, Uint8Array>();

  constructor(state: MonitorState) {
    this.state = state;
    this.firstLogged = state.lastUpdateId + 1n;
  }

  addRevoked(revoked: readonly RevokedCommitment[]): void {
    for (const { index, htlcs } of revoked) {
      const before = this.#revoked.get(index);
      this.#revoked.set(index, before === undefined ? htlcs : concatBytes(before, htlcs));
    }
  }

  /** For {@link closeView}. */
  readonly revokedHtlcs = (index: bigint): Uint8Array => this.#revoked.get(index) ?? none;

  /** Everything is buried: what was kept to punish is not needed any more. */
  forgetRevoked(): void {
    this.#revoked.clear();
    this.unwritten.length = 0;
  }
}
