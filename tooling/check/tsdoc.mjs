// Checks that all that a package exports has a doc comment (HOUSE_STYLE, section 11):
//
//   node tooling/check/tsdoc.mjs [NAME ...]
//
// Functions, classes, interfaces, types and constants that an entry of `exports` reaches, and the public methods and
// accessors of exported classes. Reads syntax alone, so that it takes a second. Exits with 1 on a gap.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const names = process.argv.slice(2);
const files = new Map();

const hasModifier = (node, kind) => node.modifiers?.some((modifier) => modifier.kind === kind) === true;
const isDocumented = (node) => ts.getJSDocCommentsAndTags(node).some((part) => ts.isJSDoc(part) && textOf(part) !== '');
const textOf = (doc) => doc.getText().replace(/[/*\s]/g, '');

/** What a file declares at its top, what it passes on, and what it imports: each by name. */
function read(path) {
  const known = files.get(path);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  const file = { source, path, declared: new Map(), passedOn: new Map(), stars: [], own: new Map() };
  files.set(path, file);
  const declare = (name, node, statement) => {
    if (!file.declared.has(name)) file.declared.set(name, []);
    file.declared.get(name).push(node);
    if (hasModifier(statement, ts.SyntaxKind.ExportKeyword)) file.own.set(name, name);
  };
  const resolve = (specifier) => {
    const text = specifier.text;
    return text.startsWith('.') ? join(dirname(path), text) : undefined;
  };
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) {
        const bound = ts.isIdentifier(name) ? [name] : name.elements.map((element) => element.name);
        for (const one of bound) declare(one.text, statement, statement);
      }
    } else if (ts.isImportDeclaration(statement)) {
      const from = resolve(statement.moduleSpecifier);
      const bindings = statement.importClause?.namedBindings;
      if (from === undefined || bindings === undefined || !ts.isNamedImports(bindings)) continue;
      for (const { name, propertyName } of bindings.elements) {
        file.passedOn.set(name.text, { from, name: (propertyName ?? name).text });
      }
    } else if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier } = statement;
      const from = moduleSpecifier === undefined ? undefined : resolve(moduleSpecifier);
      if (exportClause === undefined) {
        if (from !== undefined) file.stars.push(from);
      } else if (ts.isNamespaceExport(exportClause)) {
        declare(exportClause.name.text, statement, statement);
        file.own.set(exportClause.name.text, exportClause.name.text);
      } else {
        for (const { name, propertyName } of exportClause.elements) {
          const original = (propertyName ?? name).text;
          file.own.set(name.text, original);
          if (from !== undefined) file.passedOn.set(original, { from, name: original });
        }
      }
    } else if (statement.name !== undefined && ts.isIdentifier(statement.name)) {
      declare(statement.name.text, statement, statement);
    }
  }
  return file;
}

/** The names that a file exports. */
const exportsOf = (path) => {
  const file = read(path);
  return [...file.own.keys(), ...file.stars.flatMap(exportsOf)];
};

/** The declarations behind an exported name; none for what another package declares. */
function declarationsOf(path, name) {
  const file = read(path);
  for (const star of file.own.has(name) ? [] : file.stars) {
    const found = declarationsOf(star, name);
    if (found.length > 0) return found;
  }
  const original = file.own.get(name);
  if (original === undefined) return [];
  return localDeclarations(file, original);
}

function localDeclarations(file, name) {
  const declared = file.declared.get(name);
  if (declared !== undefined) return declared.map((node) => ({ file, node }));
  const passed = file.passedOn.get(name);
  return passed === undefined ? [] : declarationsOf(passed.from, passed.name);
}

/** The public methods and accessors of a class that have no doc comment. An accessor pair needs one, and so do overloads. */
function undocumentedMembers(node) {
  const documented = new Map();
  for (const member of node.members) {
    if (!ts.isMethodDeclaration(member) && !ts.isAccessor(member)) continue;
    if (!ts.isIdentifier(member.name) || hasModifier(member, ts.SyntaxKind.PrivateKeyword)) continue;
    const { text } = member.name;
    const before = documented.get(text);
    documented.set(text, { member, isDocumented: before?.isDocumented === true || isDocumented(member) });
  }
  // What an interface that the class implements declares is documented there.
  if (node.heritageClauses !== undefined) return [];
  return [...documented].filter(([, one]) => !one.isDocumented).map(([name, one]) => ({ name, member: one.member }));
}

const gaps = [];
let checked = 0;

function checkEntry(entry) {
  for (const name of new Set(exportsOf(entry))) {
    const declarations = declarationsOf(entry, name);
    if (declarations.length === 0) continue;
    checked += 1;
    const [{ file, node }] = declarations;
    const report = (at, text) => {
      const { line } = file.source.getLineAndCharacterOfPosition(at.getStart());
      gaps.push(`${relative(root, file.path)}:${line + 1} ${text} has no doc comment`);
    };
    if (!declarations.some((one) => isDocumented(one.node))) report(node, name);
    for (const one of declarations) {
      if (!ts.isClassDeclaration(one.node)) continue;
      for (const { name: method, member } of undocumentedMembers(one.node)) report(member, `${name}.${method}`);
    }
  }
}

for (const folder of readdirSync(join(root, 'packages')).sort()) {
  const path = join(root, 'packages', folder, 'package.json');
  if (!existsSync(path) || (names.length > 0 && !names.includes(folder))) continue;
  const { exports = {} } = JSON.parse(readFileSync(path, 'utf8'));
  for (const entry of Object.values(exports)) {
    const source = entry?.['@boltwright/source'];
    if (source !== undefined) checkEntry(join(root, 'packages', folder, source));
  }
}

for (const gap of new Set(gaps)) console.error(gap);
console.log(`${checked} exports, ${new Set(gaps).size} without a doc comment`);
// A check that reads nothing must not pass.
process.exitCode = gaps.length > 0 || checked === 0 ? 1 : 0;
