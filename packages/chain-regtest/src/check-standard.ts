import { err, ok, type Result } from '@boltwright/base';
import type { Coin } from './coins.ts';
import type { ParsedInput, ParsedTransaction } from './parsed-transaction.ts';
import {
  maxScriptSigBytes,
  maxStandardWeight,
  maxWitnessItemBytes,
  maxWitnessItems,
  maxWitnessScriptBytes,
  minNonWitnessBytes,
} from './policy.ts';
import type { Refusal } from './refusal.ts';
import { dustLimit, isPushOnly, pushes, scriptKind } from './script-kind.ts';

/** Whether the transaction, looked at alone, is one that nodes relay. */
export function checkStandard(tx: ParsedTransaction): Result<void, Refusal> {
  const { txid } = tx;
  if (tx.version !== 1 && tx.version !== 2) {
    return err({ kind: 'version', txid, message: `version ${tx.version} is relayed by nobody: 1 and 2 are` });
  }
  if (tx.weight > maxStandardWeight) {
    return err({ kind: 'weight', txid, message: `it weighs ${tx.weight}, more than ${maxStandardWeight}` });
  }
  if (tx.nonWitnessBytes < minNonWitnessBytes) {
    const message = `${tx.nonWitnessBytes} bytes without witness are less than ${minNonWitnessBytes}`;
    return err({ kind: 'tooSmall', txid, message });
  }
  for (const [input, { scriptSig }] of tx.inputs.entries()) {
    if (scriptSig.length > maxScriptSigBytes || !isPushOnly(scriptSig)) {
      const message = `its scriptSig of ${scriptSig.length} bytes is too long or does more than push`;
      return err({ kind: 'scriptSig', txid, input, message });
    }
  }
  let dataOutputs = 0;
  for (const [output, out] of tx.outputs.entries()) {
    const kind = scriptKind(out.script);
    if (kind === 'nonStandard') {
      return err({ kind: 'nonStandardOutput', txid, output, message: 'its script is of no standard type' });
    }
    if (kind === 'opReturn' && ++dataOutputs > 1) {
      return err({ kind: 'opReturn', txid, output, message: 'a second OP_RETURN output' });
    }
    const limit = dustLimit(out);
    if (out.value < limit) {
      return err({ kind: 'dust', txid, output, message: `${out.value} sat in a ${kind} output are below ${limit}` });
    }
  }
  return ok(undefined);
}

/** Whether what the transaction spends, and the witnesses it shows, are of types that nodes relay. */
export function checkStandardInputs(tx: ParsedTransaction, coins: readonly Coin[]): Result<void, Refusal> {
  for (const [index, input] of tx.inputs.entries()) {
    const fault = inputFault(input, coins[index]!);
    if (fault !== undefined) return err({ ...fault, txid: tx.txid, input: index });
  }
  return ok(undefined);
}

type InputFault = Pick<Refusal, 'kind' | 'message'>;

function inputFault(input: ParsedInput, coin: Coin): InputFault | undefined {
  const kind = scriptKind(coin.script);
  switch (kind) {
    case 'nonStandard':
    case 'opReturn':
    case 'witnessUnknown':
      return { kind: 'nonStandardInput', message: `it spends a ${kind} output` };
    case 'p2wsh':
      return witnessScriptFault(input.witness);
    case 'p2sh': {
      const redeemScript = pushes(input.scriptSig)?.at(-1);
      if (redeemScript !== undefined && scriptKind(redeemScript) === 'p2wsh') return witnessScriptFault(input.witness);
      return undefined;
    }
    case 'p2tr':
      return taprootFault(input.witness);
    case 'p2a':
      return input.witness.length > 0 ? { kind: 'nonStandardWitness', message: 'an anchor takes none' } : undefined;
    case 'p2wpkh':
    case 'p2pkh':
    case 'p2pk':
      return undefined;
  }
}

function witnessScriptFault(witness: readonly Uint8Array[]): InputFault | undefined {
  const script = witness.at(-1);
  if (script !== undefined && script.length > maxWitnessScriptBytes) {
    const message = `a witness script of ${script.length} bytes, more than ${maxWitnessScriptBytes}`;
    return { kind: 'nonStandardWitness', message };
  }
  if (witness.length - 1 > maxWitnessItems) {
    return { kind: 'nonStandardWitness', message: `${witness.length - 1} items, more than ${maxWitnessItems}` };
  }
  return itemFault(witness.slice(0, -1));
}

function taprootFault(witness: readonly Uint8Array[]): InputFault | undefined {
  if (witness.length > 1 && witness.at(-1)?.[0] === 0x50) return { kind: 'nonStandardWitness', message: 'an annex' };
  const control = witness.length > 1 ? witness.at(-1) : undefined;
  return control !== undefined && (control[0]! & 0xfe) === 0xc0 ? itemFault(witness.slice(0, -2)) : undefined;
}

function itemFault(items: readonly Uint8Array[]): InputFault | undefined {
  const long = items.find((item) => item.length > maxWitnessItemBytes);
  if (long === undefined) return undefined;
  return {
    kind: 'nonStandardWitness',
    message: `an item of ${long.length} bytes, more than ${maxWitnessItemBytes}`,
  };
}
