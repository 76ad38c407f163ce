import type { Script } from '@boltwright/base';

/** A push of the whole rest: its length, and no more bytes than that. */
const pushesRest = (script: Script, least: number, most: number): boolean =>
  script.length >= 2 && script[1] === script.length - 2 && script[1] >= least && script[1] <= most;

/**
 * The forms of BOLT 2, Closing Initiation: P2WPKH, P2WSH, and with `option_shutdown_anysegwit` any other segwit
 * version. Those of old nodes (P2PKH, P2SH) are accepted as well, as the Rationale allows.
 */
export function isShutdownScript(script: Script, anySegwit: boolean): boolean {
  const version = script[0];
  if (version === 0) return pushesRest(script, 20, 20) || pushesRest(script, 32, 32);
  if (version !== undefined && version >= 0x51 && version <= 0x60) return anySegwit && pushesRest(script, 2, 40);
  const isP2pkh =
    script.length === 25 &&
    version === 0x76 &&
    script[1] === 0xa9 &&
    script[2] === 20 &&
    script[23] === 0x88 &&
    script[24] === 0xac;
  const isP2sh = script.length === 23 && version === 0xa9 && script[1] === 20 && script[22] === 0x87;
  return isP2pkh || isP2sh;
}

/** The least amount that Bitcoin Core relays to such a script (BOLT 3, Dust Limits). */
export function dustThreshold(script: Script): bigint {
  if (script[0] === 0x76) return 546n;
  if (script[0] === 0xa9) return 540n;
  if (script[0] === 0) return script.length === 22 ? 294n : 330n;
  return 354n;
}
