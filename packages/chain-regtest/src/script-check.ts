import type { TxOut } from '@boltwright/base';
import { type BitcoreInterpreter, bitcore } from './bitcore.ts';
import type { ParsedTransaction } from './parsed-transaction.ts';
import { scriptKind } from './script-kind.ts';

// The interpreter's flags, by Bitcoin Core's names. CLEANSTACK is left out: bitcore-lib 11.5.1 looks at the stack
// before the output's script has run, and so refuses every standard input; a witness script has to leave one element
// all the same. MINIMALIF is known to bitcore-lib for tapscript alone, and LOW_S switches its check of the hash type
// off: `strict` below adds both.
const P2SH = 1 << 0;
const STRICTENC = 1 << 1;
const DERSIG = 1 << 2;
const LOW_S = 1 << 3;
const NULLDUMMY = 1 << 4;
const MINIMALDATA = 1 << 6;
const DISCOURAGE_UPGRADABLE_NOPS = 1 << 7;
const CHECKLOCKTIMEVERIFY = 1 << 9;
const CHECKSEQUENCEVERIFY = 1 << 10;
const WITNESS = 1 << 11;
const DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM = 1 << 12;
const MINIMALIF = 1 << 13;
const NULLFAIL = 1 << 14;
const WITNESS_PUBKEYTYPE = 1 << 15;
const CONST_SCRIPTCODE = 1 << 16;
const TAPROOT = 1 << 17;
const DISCOURAGE_UPGRADABLE_TAPROOT_VERSION = 1 << 18;
const DISCOURAGE_OP_SUCCESS = 1 << 19;
const DISCOURAGE_UPGRADABLE_PUBKEYTYPE = 1 << 20;

const consensusFlags = P2SH | DERSIG | NULLDUMMY | CHECKLOCKTIMEVERIFY | CHECKSEQUENCEVERIFY | WITNESS | TAPROOT;
const standardFlags =
  consensusFlags |
  STRICTENC |
  LOW_S |
  MINIMALDATA |
  DISCOURAGE_UPGRADABLE_NOPS |
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM |
  MINIMALIF |
  NULLFAIL |
  WITNESS_PUBKEYTYPE |
  CONST_SCRIPTCODE |
  DISCOURAGE_UPGRADABLE_TAPROOT_VERSION |
  DISCOURAGE_OP_SUCCESS |
  DISCOURAGE_UPGRADABLE_PUBKEYTYPE;

/** `consensus`: what a block may hold. `standard`: what is relayed. */
export type ScriptRules = 'consensus' | 'standard';

/** The first input whose script does not hold. */
export interface ScriptFailure {
  readonly input: number;
  /** The interpreter's name for it. */
  readonly reason: string;
}

/**
 * Runs every input's scripts in bitcore-lib's interpreter.
 *
 * @param spent - the outputs that the inputs spend, in their order.
 * @returns the first failure, or undefined where all hold.
 */
export function checkScripts(
  tx: ParsedTransaction,
  spent: readonly TxOut[],
  rules: ScriptRules,
): ScriptFailure | undefined {
  const flags = rules === 'standard' ? standardFlags : consensusFlags;
  try {
    const parsed = new bitcore.Transaction(toBuffer(tx.raw.bytes));
    // BIP 341 signs all spent outputs
    spent.forEach((output, index) => {
      parsed.inputs[index]!.output = new bitcore.Transaction.Output({
        satoshis: Number(output.value),
        script: toBuffer(output.script),
      });
    });
    for (let index = 0; index < tx.inputs.length; index++) {
      const input = tx.inputs[index]!;
      const output = spent[index]!;
      // pay-to-anchor is anyone's, with nothing to run
      if (scriptKind(output.script) === 'p2a' && input.witness.length === 0 && input.scriptSig.length === 0) continue;
      const interpreter = strict(new bitcore.Interpreter());
      const reason = failureOf(() =>
        interpreter.verify(
          bitcore.Script.fromBuffer(toBuffer(input.scriptSig)),
          bitcore.Script.fromBuffer(toBuffer(output.script)),
          parsed,
          index,
          flags,
          input.witness.map(toBuffer),
          Number(output.value),
        )
          ? undefined
          : interpreter.errstr || 'false',
      );
      if (reason !== undefined) return { input: index, reason };
    }
    return undefined;
  } catch (error) {
    return { input: 0, reason: `the interpreter cannot read the transaction: ${messageOf(error)}` };
  }
}

/** The interpreter throws for some scripts that it cannot read: that is a refusal, too. */
function failureOf(run: () => string | undefined): string | undefined {
  try {
    return run();
  } catch (error) {
    return messageOf(error);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const witnessV0 = 1;
const opIf = 0x63;
const opNotif = 0x64;

/** Adds the two checks that the interpreter leaves out; both only ever refuse more. */
function strict(interpreter: BitcoreInterpreter): BitcoreInterpreter {
  const step = interpreter.step.bind(interpreter);
  interpreter.step = () => {
    const opcode = interpreter.script.chunks[interpreter.pc]?.opcodenum;
    if (
      (opcode === opIf || opcode === opNotif) &&
      interpreter.sigversion === witnessV0 &&
      (interpreter.flags & MINIMALIF) !== 0 &&
      !interpreter.vfExec.includes(false)
    ) {
      const top = interpreter.stack.at(-1);
      if (top !== undefined && !(top.length === 0 || (top.length === 1 && top[0] === 1))) {
        interpreter.errstr = 'SCRIPT_ERR_MINIMALIF';
        return false;
      }
    }
    return step();
  };
  const checkSignatureEncoding = interpreter.checkSignatureEncoding.bind(interpreter);
  interpreter.checkSignatureEncoding = (signature) => {
    const { flags } = interpreter;
    interpreter.flags = flags & ~LOW_S;
    const encoded = checkSignatureEncoding(signature);
    interpreter.flags = flags;
    return encoded && checkSignatureEncoding(signature);
  };
  return interpreter;
}

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
