/** Source files as text with what the architecture rules need: code without comments and strings, imports, functions. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface SourceFile {
  /** Path from the project root, with forward slashes. */
  path: string;
  text: string;
  /** The text with comments and the insides of strings blanked; line breaks stay. */
  code: string;
  /** Module names of all imports and re-exports, static, dynamic and of types. */
  imports: string[];
}

/** All TypeScript files below the given folders. */
export function readSources(...folders: string[]): SourceFile[] {
  return filesBelow(...folders)
    .filter((path) => path.endsWith('.ts'))
    .map(readSource);
}

/** All files below the given folders, as paths from the project root with forward slashes. */
export function filesBelow(...folders: string[]): string[] {
  return folders.flatMap((folder) => listFiles(join(projectRoot, folder))).map((path) => relative(projectRoot, path).replaceAll('\\', '/'));
}

function listFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? listFiles(path) : [path];
  });
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(projectRoot, path), 'utf8');
  return {
    path,
    text,
    code: stripped(text, true),
    imports: importsOf(stripped(text, false)),
  };
}

function importsOf(code: string): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)'([^']+)'/g;
  return [...code.matchAll(pattern)].map((match) => match[1] as string);
}

/** The project file an import names; undefined for packages. */
export function importTarget(from: string, name: string): string | undefined {
  return name.startsWith('.') ? posix.join(posix.dirname(from), name) : undefined;
}

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[(,=:[!&|?{};\n]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;

/** Blanks comments and, if asked, strings, templates and regular expressions. */
function stripped(text: string, strings: boolean): string {
  return text.replaceAll(TOKEN, (token) => {
    const isComment = token.startsWith('//') || token.startsWith('/*');
    return isComment || strings ? token.replaceAll(/[^\n]/g, ' ') : token;
  });
}

export interface FunctionSpan {
  name: string;
  firstLine: number;
  lineCount: number;
}

const FUNCTION_START =
  /^(\s*)(?:export )?(?:default )?(?:async )?(?:function\*? (\w+)|(?:static |async |override |get |set |\*)*(#?\w+)\(|(?:const|let) (\w+)(?:: [^=]+)? = (?:async )?(?:\(|\w+ =>))/;
const NO_FUNCTION = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'throw', 'super', 'await', 'else', 'do', 'new', 'typeof']);

/** Functions and methods with a block body, by indentation: a body ends at the first closing brace in the column of its first line. */
export function functionSpans(code: string): FunctionSpan[] {
  const lines = code.split('\n');
  const spans: FunctionSpan[] = [];
  lines.forEach((line, first) => {
    const match = FUNCTION_START.exec(line);
    const name = match?.[2] ?? match?.[3] ?? match?.[4];
    if (match === null || name === undefined || NO_FUNCTION.has(name) || !/[({<]\s*$/.test(line)) return;
    const closings = new RegExp(`^${match[1]}[})]`);
    const last = lines.findIndex((other, i) => i > first && closings.test(other) && !/\{\s*$/.test(other));
    const isBody = /^\s*\}/.test(lines[last] ?? ''); // else the call or the expression ends here
    if (isBody) spans.push({ name, firstLine: first + 1, lineCount: last - first + 1 });
  });
  return spans;
}

/** Exports without a doc comment directly above, as `line: text`. A type made of a constant (`(typeof X)[…]`) has that one's. */
export function undocumentedExports(text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    const isDeclaration =
      /^export (?:default |abstract |async |declare )*(?:function|const|let|class|interface|type) /.test(line) &&
      !/^export type (\{|\w+ = \(typeof )/.test(line);
    const documented = (lines[i - 1] ?? '').trimEnd().endsWith('*/');
    return isDeclaration && !documented && !isOverload(lines, i) ? [`${i + 1}: ${line}`] : [];
  });
}

/** A further signature of a function that has its comment above the first one. */
function isOverload(lines: string[], i: number): boolean {
  const name = /^export (?:async )?function (\w+)/.exec(lines[i] ?? '')?.[1];
  return name !== undefined && new RegExp(`^export (?:async )?function ${name}\\b`).test(lines[i - 1] ?? '');
}
