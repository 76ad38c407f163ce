import type { Script } from '@boltwright/base';
import { scriptKind } from '@boltwright/transactions';

/**
 * The forms of BOLT 2, Closing Initiation: P2WPKH, P2WSH, and with `option_shutdown_anysegwit` any other segwit
 * version. Those of old nodes (P2PKH, P2SH) are accepted as well, as the Rationale allows.
 */
export function isShutdownScript(script: Script, anySegwit: boolean): boolean {
  switch (scriptKind(script)) {
    case 'p2wpkh':
    case 'p2wsh':
    case 'p2pkh':
    case 'p2sh':
      return true;
    case 'segwit':
    case 'p2a':
      return anySegwit;
    default:
      return false;
  }
}
