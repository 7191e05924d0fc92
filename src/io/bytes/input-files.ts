/**
 * What a user may write for inputs, expanded to paths: files, directories, glob patterns and
 * `@lists`. Plain paths are passed on unseen, so that opening them reports what is wrong with them.
 *
 *   sample.root      itself, existing or not
 *   out/             every *.root below, hidden files left out, in natural order
 *   'out/*.root'     what the pattern matches, in natural order; a file of that very name wins
 *   @inputs.txt      one of the above per line; blank lines and lines that begin with # do not count
 *
 * Paths in a list are relative to the current directory, as with hadd. A file whose name begins with
 * `@` is written `./@name`.
 */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { enter, matchPattern, readDirectory, type Trail } from './file-pattern.ts';
import { readTextFile } from './source.ts';
import { statsIfAny } from './target.ts';

/** Characters that make an argument a pattern, unless a file has this very name. */
const PATTERN = /[*?[\]{}]/;
const REMOTE = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Expands arguments to paths of input files, in the order of the arguments.
 * @throws UsageError for a pattern or directory without files, a list that includes itself, a remote name
 * @throws UnreadableFileError for a list or directory that cannot be read
 */
export async function expandInputs(args: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const arg of args) await expandArgument(arg, files, []);
  return files;
}

async function expandArgument(arg: string, files: string[], lists: readonly string[]): Promise<void> {
  if (arg.startsWith('@')) return expandList(arg.slice(1), files, lists);
  if (REMOTE.test(arg)) throw new UsageError(`remote files cannot be read, copy it to this machine first: ${arg}`);
  if (arg === '') throw new UsageError('an input has no name: it is empty');
  const stats = statsIfAny(arg);
  if (stats === undefined && PATTERN.test(arg)) addAll(files, expandPattern(arg));
  else if (stats?.isDirectory() === true) addAll(files, expandDirectory(arg));
  else files.push(arg);
}

/** One by one: as arguments of one call, 10^5 names overflow the stack. */
function addAll(files: string[], found: readonly string[]): void {
  for (const file of found) files.push(file);
}

async function expandList(path: string, files: string[], lists: readonly string[]): Promise<void> {
  if (path === '') throw new UsageError('@ names no list: write @FILE');
  const text = readTextFile(path).replace(/^\uFEFF/, '');
  if (text.includes('\0')) throw new UsageError('list is no text: it must have an input per line', { file: path });
  const identity = realpathSync(path);
  if (lists.includes(identity)) throw new UsageError(`list includes itself: ${[...lists, identity].join(' -> ')}`, { file: path });
  const before = files.length;
  for (const line of text.split('\n')) {
    const entry = line.trim();
    if (entry !== '' && !entry.startsWith('#')) await expandArgument(entry, files, [...lists, identity]);
  }
  if (files.length === before) throw new UsageError('list names no input', { file: path });
}

/** Files of a pattern; directories it matches are searched too, unless `**` reaches into them anyway. */
function expandPattern(pattern: string): string[] {
  const matches = matchPattern(pattern).filter(({ isDirectory }) => !isDirectory || !pattern.includes('**'));
  if (matches.length === 0) throw new UsageError(`no file matches the pattern ${pattern}`);
  matches.sort((a, b) => compareNaturally(a.path, b.path));
  return matches.flatMap(({ path, isDirectory }) => (isDirectory ? expandDirectory(path) : [path]));
}

function expandDirectory(directory: string): string[] {
  const found = listRootFiles(directory, []).sort(compareNaturally);
  if (found.length === 0) throw new UsageError('directory holds no *.root file', { file: directory });
  return found;
}

function listRootFiles(directory: string, trail: Trail): string[] {
  const here = enter(directory, trail);
  if (here === undefined) return [];
  const entries = readDirectory(directory).filter((entry) => !entry.name.startsWith('.'));
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory) return listRootFiles(path, here);
    return entry.name.endsWith('.root') ? [path] : [];
  });
}

/** Order by code unit, runs of digits by their value: worker_2 before worker_10, worker_2 before worker_02. */
export function compareNaturally(a: string, b: string): number {
  const [x, y] = [a.split(/(\d+)/), b.split(/(\d+)/)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const order = comparePart(x[i] as string, y[i] as string, i % 2 === 1);
    if (order !== 0) return order;
  }
  return x.length - y.length || a.length - b.length || compareText(a, b);
}

function comparePart(a: string, b: string, digits: boolean): number {
  if (!digits) return compareText(a, b);
  const [x, y] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  return x.length - y.length || compareText(x, y);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
