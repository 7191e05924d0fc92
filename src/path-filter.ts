/** `--include` and `--exclude`: globs on full paths of objects. */
import { createRequire } from 'node:module';
import type picomatchType from 'picomatch';

const load = createRequire(import.meta.url);

/** Decides which objects are taken. */
export interface PathFilter {
  /** True when an include pattern was given: directories then appear only for what they hold. */
  readonly narrows: boolean;
  /** True when nothing is filtered: no path need be made. */
  readonly acceptsAll: boolean;
  /** True when the object at this full path is wanted. */
  accepts(path: string): boolean;
}

const EVERYTHING: PathFilter = { narrows: false, acceptsAll: true, accepts: () => true };

/** A pattern also covers all that lies below what it matches; a pattern without leading slash matches at any depth. */
function compile(patterns: readonly string[]): (path: string) => boolean {
  const picomatch = load('picomatch') as typeof picomatchType; // only now: most merges have no patterns, and loading costs 5 ms
  const rooted = patterns.flatMap((p) => (p.startsWith('/') ? [p] : [`/${p}`, `/**/${p}`]));
  const matchers = rooted.flatMap((p) => [p, `${p.replace(/\/+$/, '')}/**`]).map((p) => picomatch(p, { dot: true }));
  return (path) => matchers.some((matches) => matches(path));
}

/** Builds the filter; no patterns accept everything. */
export function pathFilter(include: readonly string[], exclude: readonly string[]): PathFilter {
  if (include.length === 0 && exclude.length === 0) return EVERYTHING;
  const included = include.length === 0 ? () => true : compile(include);
  const excluded = compile(exclude);
  return { narrows: include.length > 0, acceptsAll: false, accepts: (path) => included(path) && !excluded(path) };
}
