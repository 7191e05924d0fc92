import { describe, expect, it } from 'vitest';
import { pathFilter } from '../../../src/path-filter.ts';

const PATHS = [
  '/h',
  '/jets',
  '/jets/pt',
  '/jets/eta',
  '/jets/raw/pt',
  '/muons',
  '/muons/pt',
  '/.hidden',
  '/étude/pt',
  '/with blank/h',
  '/a:b/h',
];

/** The paths a filter accepts. */
function accepted(include: readonly string[], exclude: readonly string[] = []): string[] {
  const filter = pathFilter(include, exclude);
  return PATHS.filter((path) => filter.accepts(path));
}

describe('without patterns', () => {
  it('everything is accepted and no path need be made', () => {
    expect(accepted([])).toEqual(PATHS);
    expect(pathFilter([], [])).toMatchObject({ acceptsAll: true, narrows: false });
  });
});

describe('included', () => {
  it.each<[string, string[]]>([
    ['/jets', ['/jets', '/jets/pt', '/jets/eta', '/jets/raw/pt']],
    ['/jets/', ['/jets', '/jets/pt', '/jets/eta', '/jets/raw/pt']],
    ['/jets/**', ['/jets', '/jets/pt', '/jets/eta', '/jets/raw/pt']],
    ['/jets/*', ['/jets/pt', '/jets/eta', '/jets/raw/pt']],
    ['/*/pt', ['/jets/pt', '/muons/pt', '/étude/pt']],
    ['pt', ['/jets/pt', '/jets/raw/pt', '/muons/pt', '/étude/pt']],
    ['/**/pt', ['/jets/pt', '/jets/raw/pt', '/muons/pt', '/étude/pt']],
    ['/h', ['/h']],
    ['h', ['/h', '/with blank/h', '/a:b/h']],
    ['/with blank', ['/with blank/h']],
    ['/étude', ['/étude/pt']],
    ['/a:b', ['/a:b/h']],
    ['/.hidden', ['/.hidden']],
    ['/*', PATHS],
    ['/{jets,muons}/pt', ['/jets/pt', '/muons/pt']],
    ['/none', []],
  ])('%s', (pattern, expected) => {
    expect(accepted([pattern])).toEqual(expected);
    expect(pathFilter([pattern], [])).toMatchObject({ acceptsAll: false, narrows: true });
  });

  it('by several patterns: one is enough', () => {
    expect(accepted(['/h', '/muons/pt'])).toEqual(['/h', '/muons/pt']);
  });
});

describe('excluded', () => {
  it('a directory with all it holds', () => {
    expect(accepted([], ['/jets'])).toEqual(PATHS.filter((p) => !p.startsWith('/jets')));
    expect(pathFilter([], ['/jets'])).toMatchObject({ acceptsAll: false, narrows: false });
  });
  it('wins over included', () => {
    expect(accepted(['/jets'], ['raw'])).toEqual(['/jets', '/jets/pt', '/jets/eta']);
  });
});

describe('patterns without a match', () => {
  const look = (include: readonly string[], exclude: readonly string[]): ReturnType<ReturnType<typeof pathFilter>['unmatched']> => {
    const filter = pathFilter(include, exclude);
    for (const path of PATHS) filter.accepts(path);
    return filter.unmatched();
  };

  it('are known, also where others match the same path first', () => {
    expect(look(['/jets/**', '/jest/**', 'pt'], ['eta', 'phi'])).toEqual({ include: ['/jest/**'], exclude: ['phi'] });
    expect(look([], ['phi'])).toEqual({ include: [], exclude: ['phi'] });
    expect(look([], [])).toEqual({ include: [], exclude: [] });
  });

  it('are told apart when they are all of what is wanted', () => {
    expect(look(['/jest/**', 'phi'], []).nothingLeft).toBe('no object matches /jest/** or phi: nothing would be left');
  });
});
