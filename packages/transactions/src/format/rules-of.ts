import type { CommitmentFormat } from '@boltwright/interfaces';
import { anchors } from './anchors.ts';
import type { CommitmentRules } from './commitment-rules.ts';
import { staticRemotekey } from './static-remotekey.ts';

const all: Readonly<Record<CommitmentFormat, CommitmentRules>> = { static_remotekey: staticRemotekey, anchors };

/** The rules by which a format's commitments are made. */
export const commitmentRules = (format: CommitmentFormat): CommitmentRules => all[format];
