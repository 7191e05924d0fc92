/** Pages for users and developers: their links lead somewhere, the files and options they name exist. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIFF_FLAGS } from '../../cli/diff-flags.ts';
import { MERGE_FLAGS } from '../../cli/merge-flags.ts';
import { LS_FLAGS } from '../../cli/ls-flags.ts';
import { RUN_FLAGS } from '../../cli/run-flags.ts';
import { filesBelow, projectRoot } from './source-tree.ts';

const PAGES = ['README.md', 'CHANGELOG.md', 'ARCHITECTURE.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))];
const SOURCES = filesBelow('src', 'cli', 'test').map((path) => `/${path}`);

/** Options of other programs that the pages speak of: npm, node, squeue, sbatch, the command of a job. */
const FOREIGN_FLAGS = new Set(['--ignore-scripts', '--omit', '--import', '--name', '--partition', '--time', '--mem', '--requeue', '--out']);

function textOf(page: string): string {
  return readFileSync(join(projectRoot, page), 'utf8');
}

/** Names under which headings can be linked, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const headings = [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe.each(PAGES)('%s', (page) => {
  it('has links that lead to files and headings', () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)];
    const broken = links.flatMap(([link, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path);
      const isThere = existsSync(join(projectRoot, target)) && (anchor === undefined || anchorsOf(target).has(anchor));
      return isThere ? [] : [link];
    });
    expect(broken).toEqual([]);
  });

  it('names options that exist', () => {
    const known = new Set(
      [...MERGE_FLAGS, ...DIFF_FLAGS, ...LS_FLAGS, ...RUN_FLAGS].flatMap(({ flags }) => flags.match(/--[a-z][a-z-]*/g) ?? []),
    );
    const named = textOf(page).match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
    const builtIn = ['--help', '--version'];
    expect(named.filter((flag) => !known.has(flag) && !builtIn.includes(flag) && !FOREIGN_FLAGS.has(flag))).toEqual([]);
  });

  it('names source files that exist', () => {
    const named = [...textOf(page).matchAll(/`((?:[\w-]+\/)*[\w.-]+\.ts)`/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !SOURCES.some((path) => path.endsWith(`/${name}`)))).toEqual([]);
  });
});
