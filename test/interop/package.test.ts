/** The package as users get it: packed, installed without scripts, used. Needs the npm registry or its cache. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'pool-merge-package-'));

/** Packages in a folder above are found, too: what is missing cannot be tested then. */
const isShadowed = existsSync(join(tmpdir(), 'node_modules'));

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the packed package', () => {
  const user = join(folder, 'user');

  beforeAll(() => {
    const [tarball] = (
      JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root)) as { filename: string }[]
    ).map((each) => each.filename);
    cpSync(join(root, 'test', 'fixtures', 'worker_0.root'), join(user, 'a.root'), { recursive: true });
    for (const i of [0, 1]) cpSync(join(root, 'test', 'fixtures', 'hdf5', `old_${i}.h5`), join(user, `${i}.h5`));
    writeFileSync(join(user, 'package.json'), '{ "type": "module", "private": true }');
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', join(folder, tarball as string)], user);
  });

  it('brings the few packages test/api/package.test.ts lists, nothing else', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; link?: boolean }>;
    };
    const wanted = Object.entries(packages).filter(
      ([path, entry]) => path.startsWith('node_modules/') && entry.dev !== true && entry.link !== true,
    );
    const installed = readdirSync(join(user, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed.sort()).toEqual([...wanted.map(([path]) => path.replace('node_modules/', '')), 'pool-merge'].sort());
    expect(installed).not.toContain('jsroot');
  });

  it('runs as a tool', () => {
    const tool = join(user, 'node_modules', '.bin', 'pool-merge');
    expect(run(tool, ['--version'], user)).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run(tool, ['*.root', '-o', 'out.root', '--include', '/monitoring/**', '--compression', 'zstd:5'], user)).toContain('1 file (');
    expect(existsSync(join(user, 'out.root'))).toBe(true);
  });

  it('makes pages of what differs, with what draws them', () => {
    const tool = join(user, 'node_modules', '.bin', 'pool-diff');
    const compared = spawnSync(tool, ['a.root', join(root, 'test', 'fixtures', 'worker_1.root'), '--html', 'page.html', '--interactive'], {
      cwd: user,
      encoding: 'utf8',
    });
    expect([compared.status, compared.stderr]).toEqual([1, '']);
    const page = readFileSync(join(user, 'page.html'), 'utf8');
    expect(page).toContain('JavaScript ROOT authors');
    expect(page).toContain('<script type="application/json">');
  });

  it.skipIf(isShadowed)('merges HDF5 files with the optional dependency, and without it says what is missing', () => {
    const tool = join(user, 'node_modules', '.bin', 'pool-merge');
    expect(run(tool, ['0.h5', '1.h5', '-o', 'merged.h5'], user)).toContain('15 objects');
    const bare = join(folder, 'bare');
    cpSync(user, bare, { recursive: true, verbatimSymlinks: true });
    rmSync(join(bare, 'node_modules', 'h5wasm'), { recursive: true });
    const bareTool = join(bare, 'node_modules', '.bin', 'pool-merge');
    expect(run(bareTool, ['a.root', '-o', 'bare.root'], bare)).toContain('1 file (');
    const { status, stderr } = spawnSync(bareTool, ['0.h5', '1.h5', '-o', 'bare.h5'], { cwd: bare, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('HDF5 files need the package h5wasm, which is not installed: npm install h5wasm');
  });

  it.skipIf(isShadowed)('says what is missing to write Arrow files', () => {
    const code = `
      import { ArrowComponent, IoComponentMgr } from 'pool-merge';
      console.log(await ArrowComponent.create(new IoComponentMgr(), 'a', 'a.arrow').catch((err) => err.message));`;
    expect(run(process.execPath, ['--input-type=module', '-e', code], user)).toBe(
      'writing Arrow files needs the package apache-arrow, which is not installed: npm install apache-arrow\n',
    );
  });

  it('runs as a library', () => {
    const code = `
      import { merge, isPoolMergeError } from 'pool-merge';
      import { openRootFile } from 'pool-merge/io';
      const report = await merge(['a.root', 'a.root'], { output: 'twice.root', verify: 'full' });
      const refused = await merge(['a.root'], { output: 'a.root' }).catch((err) => isPoolMergeError(err, 'USAGE'));
      console.log(report.kind, openRootFile('twice.root').root.keys.count > 0, refused);`;
    expect(run(process.execPath, ['--input-type=module', '-e', code], user)).toBe('merge true true\n');
  });
});

describe('a fresh clone', () => {
  it('runs the demo with one command', () => {
    const clone = join(folder, 'clone');
    run('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, clone], folder);
    const out = run('npm', ['run', '--silent', 'demo'], clone);
    for (const part of [
      'setup: installing',
      'setup: building',
      '3 files (',
      'dispositions',
      '/events;1',
      'ROOT::RNTuple',
      '10 000 events, each once',
      ' foreign, 0 dangling',
      'events.pool.root against 4 inputs: right',
    ]) {
      expect(out).toContain(part);
    }
  });
});
