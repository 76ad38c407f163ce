// bitcore-lib's script interpreter, which is not ours, over a list of spends: JSON in, JSON out. In a process of its own,
// since bitcore-lib is ten times slower in Jest's context than outside.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const Script = require('bitcore-lib/lib/script/index.js');
const Interpreter = require('bitcore-lib/lib/script/interpreter.js');
const Transaction = require('bitcore-lib/lib/transaction/index.js');

// P2SH, DERSIG, NULLDUMMY, CHECKLOCKTIMEVERIFY, CHECKSEQUENCEVERIFY, WITNESS, NULLFAIL, WITNESS_PUBKEYTYPE
const flags = [0, 2, 4, 9, 10, 11, 14, 15].reduce((sum, bit) => sum | (1 << bit), 0);
const bytes = (hex) => Buffer.from(hex, 'hex');

const failures = JSON.parse(readFileSync(0, 'utf8')).map(({ transaction, input, script, satoshis, witness }) => {
  const interpreter = new Interpreter();
  const holds = interpreter.verify(
    Script.fromBuffer(Buffer.alloc(0)),
    Script.fromBuffer(bytes(script)),
    new Transaction(bytes(transaction)),
    input,
    flags,
    witness.map(bytes),
    satoshis,
  );
  return holds ? '' : interpreter.errstr || 'false';
});
process.stdout.write(JSON.stringify(failures));
