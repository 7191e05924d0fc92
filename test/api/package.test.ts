/** What is published: everything that is needed, nothing else. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from './source-tree.ts';

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  scripts: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
  optionalDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
}

const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Manifest;
const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
  packages: Record<
    string,
    { version: string; dev?: boolean; optional?: boolean; resolved?: string; link?: boolean; hasInstallScript?: boolean }
  >;
};

let files: string[] = [];

beforeAll(() => {
  const out = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], {
    cwd: projectRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(out) as { files: { path: string }[] }[];
  files = packed?.files.map((file) => file.path) ?? [];
});

describe('the published package', () => {
  it('holds tool, library, WebAssembly modules and the papers', () => {
    for (const path of [
      'bin/launch.mjs',
      'bin/pool-merge.mjs',
      'bin/pool-ls.mjs',
      'bin/pool-diff.mjs',
      'dist/cli/pool-diff.cjs',
      'dist/cli/pool-diff.cjs.cache',
      'bin/pool-run.mjs',
      'dist/cli/pool-run.cjs',
      'dist/src/diff/compare-worker.js',
      'dist/src/runner/module-worker.js',
      'dist/src/runner/thread-host.js',
      'python/pool_bootstrap.py',
      'python/pool_prefork.py',
      'dist/cli/pool-merge.cjs',
      'dist/cli/pool-merge.cjs.cache',
      'dist/cli/pool-ls.cjs',
      'dist/vendor/jsroot-hist2d.min.js',
      'dist/src/index.js',
      'dist/src/index.d.ts',
      'dist/src/io/index.js',
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'ARCHITECTURE.md',
      'docs/options.md',
      'docs/report.md',
    ]) {
      expect(files).toContain(path);
    }
    expect(files.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThanOrEqual(2);
  });

  it('has types that need no package which may be missing', () => {
    const types = files.filter((path) => path.endsWith('.d.ts'));
    expect(types.length).toBeGreaterThan(20);
    const named = types.flatMap((path) =>
      [...readFileSync(join(projectRoot, path), 'utf8').matchAll(/(?:from |import\()'([^.'][^']*)'/g)].map(
        (match) => `${path}: ${match[1]}`,
      ),
    );
    expect(named.filter((line) => !line.includes(': node:'))).toEqual([]);
  });

  it('holds no tests, sources, data or machinery', () => {
    const odd = files.filter(
      (path) =>
        !/^(bin\/(launch|pool-(merge|ls|diff|run))\.mjs|dist\/cli\/pool-[a-z]+\.cjs(\.cache)?|dist\/src\/.*\.(js|d\.ts)(\.map)?|dist\/vendor\/jsroot-hist2d\.min\.js|wasm\/[^/]+\.wasm|docs\/[^/]+\.md|python\/pool_\w+\.py|package\.json|[A-Z]+(\.md)?)$/.test(
          path,
        ),
    );
    expect(odd).toEqual([]);
  });

  it.each(['pool-merge', 'pool-ls', 'pool-diff', 'pool-run'])('holds %s compiled, for the Node that built it', (tool) => {
    const ask = `import { compileTool } from './bin/launch.mjs'; console.log(compileTool('dist/cli', '${tool}').script.cachedDataRejected)`;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', ask], { cwd: projectRoot, encoding: 'utf8' })).toBe('false\n');
  });

  it('exports files that are in it', () => {
    const named = Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : [entry.types, entry.default]));
    expect(named.map((path) => path.replace('./', '')).filter((path) => !files.includes(path))).toEqual([]);
  });

  it('has tools that can be executed', () => {
    for (const tool of ['bin/pool-merge.mjs', 'bin/pool-diff.mjs', 'bin/pool-ls.mjs', 'bin/pool-run.mjs']) {
      expect(statSync(join(projectRoot, tool)).mode & 0o111).toBe(0o111);
    }
  });
});

describe('dependencies', () => {
  it('at run time are few, and jsroot is none of them', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['commander', 'picomatch', 'saxes']);
    expect(Object.keys(manifest.optionalDependencies ?? {})).toEqual(['h5wasm']);
    expect(manifest.peerDependenciesMeta).toEqual({ 'apache-arrow': { optional: true } });
    const runtime = Object.entries(lock.packages)
      .filter(([path, entry]) => path.startsWith('node_modules/') && entry.dev !== true && entry.link !== true)
      .map(([path]) => path);
    expect(runtime.sort()).toEqual(['commander', 'h5wasm', 'picomatch', 'saxes', 'xmlchars'].map((name) => `node_modules/${name}`));
  });

  it('run no scripts when they are installed', () => {
    const scripted = Object.entries(lock.packages).filter(([, entry]) => entry.dev !== true && entry.hasInstallScript === true);
    expect(scripted).toEqual([]);
    expect(Object.keys(manifest.scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
  });

  it('are pinned exactly', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies }).filter(
      ([, range]) => !/^\d+\.\d+\.\d+$/.test(range),
    );
    expect(loose).toEqual([]);
  });

  it('come from the public registry', () => {
    const packages = Object.values(lock.packages).filter((entry) => entry.link !== true);
    const elsewhere = packages
      .map((entry) => entry.resolved ?? '')
      .filter((url) => url !== '' && !url.startsWith('https://registry.npmjs.org/'));
    expect(elsewhere).toEqual([]);
  });
});
