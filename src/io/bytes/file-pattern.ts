/**
 * Files that a glob pattern names, as a shell would find them with one difference: nothing is passed over. A directory that
 * cannot be read is an error, a link to nothing is a match (opening it tells), a link to a directory is a directory. Hence
 * picomatch only for names: packages that also walk leave out what they cannot read (tinyglobby, glob), or links to nothing,
 * and follow links that lead back up until the system stops them (fast-glob).
 *
 *   *  ?  [a-c]  {x,y}  @(x|y)    within a name; hidden names only where the pattern has the dot
 *   **                            any number of directories; at the end: every file below
 *
 * Where a pattern's part is also a name (`b[1]`), the name wins.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type picomatchType from 'picomatch';
import { UnreadableFileError } from '../../errors.ts';
import { statsIfAny } from './target.ts';

/** An entry of a directory; a link counts as what it leads to, a link to nothing as a file. */
export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** What a pattern matched. */
export interface PatternMatch {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** Directories on the way down, by device and inode: one that is reached again from below itself, by a link, is not entered. */
export type Trail = readonly string[];

const SPECIAL = /[*?[\]{}()!+@|\\]/;
const load = createRequire(import.meta.url);

/** The trail with a directory at its end; undefined when it is on the trail already. */
export function enter(directory: string, trail: Trail): Trail | undefined {
  const stats = statsIfAny(directory);
  const identity = stats === undefined ? directory : `${stats.dev}:${stats.ino}`;
  return trail.includes(identity) ? undefined : [...trail, identity];
}

/** @throws UnreadableFileError */
export function readDirectory(path: string): DirectoryEntry[] {
  try {
    return readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isDirectory: entry.isDirectory() || (entry.isSymbolicLink() && statsIfAny(join(path, entry.name))?.isDirectory() === true),
    }));
  } catch (err) {
    throw unreadable(err, 'directory', path);
  }
}

/** Everything a pattern matches, in no order, each once. Throws UnreadableFileError for a directory that has to be looked into. */
export function matchPattern(pattern: string): PatternMatch[] {
  const walk = new PatternWalk();
  for (const each of withoutSlashesInBraces(pattern)) {
    const segments = each.split('/').filter((segment) => segment !== '');
    walk.go(each.startsWith('/') ? '/' : '', segments, []);
  }
  return walk.found();
}

/** `out/{a/b,c}/*` as `out/a/b/*` and `out/c/*`; other braces are left to the names they stand in. */
function withoutSlashesInBraces(pattern: string): string[] {
  const [all, before = '', inner = '', after = ''] = /\{[^}]*\//.test(pattern)
    ? (/^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern) ?? [])
    : [];
  return all === undefined ? [pattern] : inner.split(',').flatMap((part) => withoutSlashesInBraces(before + part + after));
}

class PatternWalk {
  readonly #found = new Map<string, boolean>();
  readonly #matchers = new Map<string, (name: string) => boolean>();

  found(): PatternMatch[] {
    return [...this.#found].map(([path, isDirectory]) => ({ path, isDirectory }));
  }

  /** Matches the rest of a pattern below a directory (`''`: the current one). */
  go(directory: string, segments: readonly string[], trail: Trail): void {
    const [segment, ...rest] = segments;
    if (segment === undefined) return;
    if (segment === '**') this.#below(directory, segments, trail);
    else if (SPECIAL.test(segment)) for (const entry of this.#matching(directory, segment)) this.#take(directory, entry, rest);
    else if (rest.length > 0) this.go(pathOf(directory, segment), rest, []);
    else if (isThere(pathOf(directory, segment))) {
      this.#take(directory, { name: segment, isDirectory: statsIfAny(pathOf(directory, segment))?.isDirectory() === true }, rest);
    }
  }

  #take(directory: string, { name, isDirectory }: DirectoryEntry, rest: readonly string[]): void {
    const path = pathOf(directory, name);
    if (rest.length === 0) this.#found.set(path, isDirectory);
    else if (isDirectory) this.go(path, rest, []);
  }

  /** `**`: here and in every directory below. */
  #below(directory: string, segments: readonly string[], trail: Trail): void {
    const here = enter(directory === '' ? '.' : directory, trail);
    if (here === undefined) return;
    const rest = segments.slice(1);
    this.go(directory, rest, []);
    for (const entry of entriesOf(directory)) {
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory) this.#below(pathOf(directory, entry.name), segments, here);
      else if (rest.length === 0) this.#take(directory, entry, rest);
    }
  }

  #matching(directory: string, segment: string): DirectoryEntry[] {
    const entries = entriesOf(directory);
    const named = entries.find(({ name }) => name === segment);
    return named === undefined ? entries.filter(({ name }) => this.#matcher(segment)(name)) : [named];
  }

  #matcher(segment: string): (name: string) => boolean {
    const known = this.#matchers.get(segment);
    if (known !== undefined) return known;
    const picomatch = load('picomatch') as typeof picomatchType; // only now: most calls have no patterns
    const matcher = picomatch(segment);
    this.#matchers.set(segment, matcher);
    return matcher;
  }
}

function pathOf(directory: string, name: string): string {
  return directory === '' || directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** Entries of what may be no directory at all: then there are none. */
function entriesOf(directory: string): DirectoryEntry[] {
  const path = directory === '' ? '.' : directory;
  return isThere(path) && statsIfAny(path)?.isDirectory() !== false ? readDirectory(path) : [];
}

/** True when something has this name, be it a link to nothing. Throws UnreadableFileError when that cannot be known. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw unreadable(err, 'path', path);
  }
}

function unreadable(err: unknown, what: string, file: string): UnreadableFileError {
  const errno = (err as NodeJS.ErrnoException).code ?? String(err);
  return new UnreadableFileError(`${what} cannot be read (${errno})`, { file, cause: err });
}
