/** The rules of ARCHITECTURE.md that a machine can hold. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { functionSpans, importTarget, projectRoot, readSources, undocumentedExports, type SourceFile } from './source-tree.ts';

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 80;
/** The last one reads the package's own files, nothing else. */
const FILES_WITH_FS = [
  'src/io/bytes/descriptor-limit.ts',
  'src/io/bytes/source.ts',
  'src/io/bytes/sink.ts',
  'src/io/bytes/temporary-file.ts',
  'src/io/bytes/writeback.ts',
  'src/io/bytes/stream.ts',
  'src/io/bytes/target.ts',
  'src/io/bytes/input-files.ts',
  'src/io/bytes/file-pattern.ts',
  'src/io/bytes/package-file.ts',
];

/** Modules from left to right; each imports from itself and from the rows above, never from its neighbours in the row. */
const LAYERS: readonly (readonly string[])[] = [
  ['src/errors.ts', 'src/diagnostics.ts', 'src/path-filter.ts', 'src/version.ts'],
  ['src/io/bytes/'],
  ['src/io/codec/', 'src/io/arrow/', 'src/io/hdf5/'],
  ['src/io/root/container/', 'src/io/root/streamer/'],
  ['src/io/root/'],
  ['src/io/root/tree/', 'src/io/root/rntuple/', 'src/io/root/histogram/'],
  ['src/io/pool/'],
  ['src/diff/', 'src/merge/', 'src/io/component/'],
  ['src/list/'],
  ['src/runner/'],
  ['src/io/index.ts', 'src/index.ts'],
  ['cli/'],
];

/** The same within the comparison of files. */
const DIFF_LAYERS: typeof LAYERS = [
  ['src/diff/object/'],
  ['src/diff/entries/', 'src/diff/histogram/'],
  ['src/diff/pool/'],
  ['src/diff/branch-choice.ts', 'src/diff/diff-report.ts'],
  ['src/diff/diff-run.ts'],
  ['src/diff/table/'],
  ['src/diff/hdf5/', 'src/diff/arrow/'],
  ['src/diff/'],
  ['src/diff/page/'],
];

/** Folders of src/merge that are no family of mergers. */
const SHARED_BY_FAMILIES: readonly string[] = ['plan', 'objects', 'bins', 'report'];

const sources = readSources('src', 'cli');
const byPath = new Map(sources.map((file) => [file.path, file]));

/** The module a file belongs to: the longest prefix in the table. */
function moduleOf(path: string, layers: typeof LAYERS): { layer: number; prefix: string } {
  const all = layers.flatMap((row, layer) => row.map((prefix) => ({ layer, prefix })));
  const found = all.filter(({ prefix }) => path === prefix || (prefix.endsWith('/') && path.startsWith(prefix)));
  const longest = found.sort((a, b) => b.prefix.length - a.prefix.length)[0];
  if (longest === undefined) throw new Error(`${path} belongs to no layer: add its folder to LAYERS`);
  return longest;
}

/** Imports between files below `root` that go to a neighbour or to the right. */
function wrongImports(layers: typeof LAYERS, root: string): string[] {
  return sources
    .filter(({ path }) => path.startsWith(root))
    .flatMap((file) => {
      const own = moduleOf(file.path, layers);
      return importedFiles(file)
        .filter((target) => target.startsWith(root))
        .filter((target) => {
          const other = moduleOf(target, layers);
          return other.prefix !== own.prefix && other.layer >= own.layer;
        })
        .map((target) => `${file.path} -> ${target}`);
    });
}

function importedFiles(file: SourceFile): string[] {
  return file.imports.map((name) => importTarget(file.path, name)).filter((target) => target !== undefined);
}

function isAnotherFamily(from: string | undefined, to: string | undefined): boolean {
  return to !== undefined && from !== to && !SHARED_BY_FAMILIES.includes(to);
}

/** One cycle of imports as a list of paths, or undefined. */
function findCycle(): string[] | undefined {
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return undefined;
    const file = byPath.get(path);
    for (const target of file === undefined ? [] : importedFiles(file)) {
      const cycle = visit(target, [...trail, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of sources) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

describe('imports', () => {
  it('name files that exist, with their ending', () => {
    const missing = sources.flatMap((file) =>
      importedFiles(file)
        .filter((target) => !existsSync(join(projectRoot, target.replace(/\?raw$/, ''))))
        .map((target) => `${file.path} -> ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('go from the right to the left only', () => {
    expect(wrongImports(LAYERS, '')).toEqual([]);
  });

  it('go from the right to the left among the parts of the comparison', () => {
    expect(wrongImports(DIFF_LAYERS, 'src/diff/')).toEqual([]);
  });

  it('make no cycles, types included', () => {
    expect(findCycle()).toBeUndefined();
  });

  it('let families of mergers know nothing of each other, and nothing that all of them use know a family', () => {
    const folder = (path: string): string | undefined => /^src\/merge\/(\w+)\//.exec(path)?.[1];
    const wrong = sources.flatMap((file) =>
      importedFiles(file)
        .filter((target) => folder(file.path) !== undefined && isAnotherFamily(folder(file.path), folder(target)))
        .map((target) => `${file.path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('reach the library through its public surface in cli/', () => {
    const wrong = sources
      .filter((file) => file.path.startsWith('cli/'))
      .flatMap((file) => importedFiles(file).filter((target) => target.startsWith('src/') && target !== 'src/index.ts'));
    expect(wrong).toEqual([]);
  });

  it('start processes in the runner only', () => {
    const users = sources.filter((file) => file.imports.some((name) => /^(node:)?child_process$/.test(name))).map((file) => file.path);
    expect(users.filter((path) => !path.startsWith('src/runner/'))).toEqual([]);
  });

  it('take the file system in the byte layer and the runner only', () => {
    const users = sources.filter((file) => file.imports.some((name) => /^(node:)?fs(\/|$)/.test(name))).map((file) => file.path);
    expect(users.filter((path) => !FILES_WITH_FS.includes(path) && !path.startsWith('src/runner/'))).toEqual([]);
  });
});

describe('code', () => {
  it('prints, reads arguments and ends the process in cli/ only', () => {
    const users = sources
      .filter((file) => /\bconsole\.|\bprocess\.(argv|exit|exitCode|stdout|stderr)\b/.test(file.code))
      .map((file) => file.path);
    expect(users.filter((path) => !path.startsWith('cli/'))).toEqual([]);
  });

  it('sets the exit code in one place', () => {
    const users = sources.filter((file) => /\bprocess\.(exit\b|exitCode\s*=)/.test(file.code)).map((file) => file.path);
    expect(users).toEqual(['cli/outcome.ts']);
  });

  it(`has at most ${MAX_FILE_LINES} lines per file`, () => {
    const long = sources
      .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > MAX_FILE_LINES);
    expect(long).toEqual([]);
  });

  it(`has at most ${MAX_FUNCTION_LINES} lines per function`, () => {
    const long = sources.flatMap((file) =>
      functionSpans(file.code)
        .filter((span) => span.lineCount > MAX_FUNCTION_LINES)
        .map((span) => ({ path: file.path, ...span })),
    );
    expect(long).toEqual([]);
  });

  it('has no any', () => {
    const found = sources.flatMap((file) => {
      const lines = file.code.split('\n');
      return lines.flatMap((line, i) => (/(?::|\bas|[<,|&(])\s*any\b|\bany\[\]/.test(line) ? [`${file.path}:${i + 1}`] : []));
    });
    expect(found).toEqual([]);
  });

  it('leaves no note for later', () => {
    const found = sources.filter((file) => /\b(TODO|FIXME|XXX|HACK)\b/.test(file.text)).map((file) => file.path);
    expect(found).toEqual([]);
  });

  it('documents every export', () => {
    const found = sources.flatMap((file) => undocumentedExports(file.text).map((line) => `${file.path}:${line}`));
    expect(found).toEqual([]);
  });

  it('names files in kebab-case, none utils', () => {
    const wrong = sources
      .map((file) => file.path)
      .filter((path) => !/^[a-z0-9/-]+(\.d)?\.ts$/.test(path) || /(^|\/)(utils?|helpers?|misc|common)\.ts$/.test(path));
    expect(wrong).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  const page = readFileSync(join(projectRoot, 'ARCHITECTURE.md'), 'utf8');

  it('names every folder', () => {
    const folders = [...new Set(sources.map(({ path }) => basename(dirname(path))))];
    expect(folders.filter((name) => !new RegExp(`(?:[/\`]|◀ +|\\| +)${name}(?:[/\`]|\\*? )`).test(page))).toEqual([]);
  });
});

describe('the reading of source text', () => {
  it('finds long functions, and looks through strings and comments', () => {
    const body = Array.from({ length: 90 }, (_, i) => `  const x${i} = ${i};`).join('\n');
    const [span] = functionSpans(`export function long(\n  a: number,\n): void {\n${body}\n}\nfunction short(): void {\n}\n`);
    expect(span).toEqual({ name: 'long', firstLine: 1, lineCount: 94 });
  });

  it('sees an export without comment', () => {
    expect(undocumentedExports('/** A. */\nexport const a = 1;\n\nexport const b = 2;\n')).toEqual(['4: export const b = 2;']);
  });
});
