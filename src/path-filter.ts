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
  /**
   * Patterns that no path has matched so far: of what is taken, and of what is left out. `nothingLeft` says so when these are all
   * of what was to be taken.
   */
  unmatched(): { include: string[]; exclude: string[]; nothingLeft?: string };
}

const EVERYTHING: PathFilter = { narrows: false, acceptsAll: true, accepts: () => true, unmatched: () => ({ include: [], exclude: [] }) };

/** Several patterns, and which of them were of use. */
interface PatternSet {
  matches(path: string): boolean;
  unmatched(): string[];
}

/** A pattern also covers all that lies below what it matches; a pattern without leading slash matches at any depth. */
function compile(patterns: readonly string[]): PatternSet {
  const picomatch = load('picomatch') as typeof picomatchType; // only now: most merges have no patterns, and loading costs 5 ms
  const each = patterns.map((pattern) => {
    const rooted = pattern.startsWith('/') ? [pattern] : [`/${pattern}`, `/**/${pattern}`];
    const matchers = rooted.flatMap((p) => [p, `${p.replace(/\/+$/, '')}/**`]).map((p) => picomatch(p, { dot: true }));
    return { pattern, isOfUse: false, matches: (path: string) => matchers.some((matches) => matches(path)) };
  });
  return {
    matches(path) {
      let found = false;
      for (const one of each) {
        if ((found && one.isOfUse) || !one.matches(path)) continue;
        found = true;
        one.isOfUse = true;
      }
      return found;
    },
    unmatched: () => each.filter(({ isOfUse }) => !isOfUse).map(({ pattern }) => pattern),
  };
}

/** Builds the filter; no patterns accept everything. */
export function pathFilter(include: readonly string[], exclude: readonly string[]): PathFilter {
  if (include.length === 0 && exclude.length === 0) return EVERYTHING;
  const [included, excluded] = [compile(include), compile(exclude)];
  return {
    narrows: include.length > 0,
    acceptsAll: false,
    accepts: (path) => (include.length === 0 || included.matches(path)) && !excluded.matches(path),
    unmatched() {
      const unmatched = included.unmatched();
      const isNothing = include.length > 0 && unmatched.length === include.length;
      return {
        include: unmatched,
        exclude: excluded.unmatched(),
        ...(isNothing && { nothingLeft: `no object matches ${include.join(' or ')}: nothing would be left` }),
      };
    },
  };
}
