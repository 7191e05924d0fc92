/** What happens to the process: killed, interrupted, limited. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, openRootFile } from '../../src/index.ts';
import { Scratch, canBecomeNobody, canMount, fingerprint, fixture } from '../scratch.ts';

const TEMP_NAME = /^\.out\.root\.pool-merge-[A-Za-z0-9]+-\d+\.tmp$/;

/** Many names of one sample file, so that a merge takes a while; returns the name of a list of them. */
function manyInputs(scratch: Scratch, count: number): string {
  const names = Array.from({ length: count }, (_, i) => `in_${i}.root`);
  scratch.copy('worker_0.root', 'sample.root');
  for (const name of names) symlinkSync('sample.root', scratch.path(name));
  scratch.put('list.txt', names.join('\n'));
  return '@list.txt';
}

function tempFiles(scratch: Scratch): string[] {
  return readdirSync(scratch.folder).filter((name) => TEMP_NAME.test(name));
}

/** Waits until the merge writes: its temporary file is there. */
async function untilItWrites(scratch: Scratch, child: ChildProcess): Promise<void> {
  while (tempFiles(scratch).length === 0) {
    if (child.exitCode !== null) throw new Error('the merge ended before it could be disturbed');
    await sleep(5);
  }
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stderr };
}

describe('kill -9 in the middle', () => {
  it('leaves the old output and one recognisable temporary file, which the next run into the same output removes', async () => {
    using scratch = new Scratch();
    const list = manyInputs(scratch, 1500);
    const before = fingerprint(scratch.put('out.root', 'old'));
    const child = scratch.start([list, '-o', 'out.root', '-f']);
    const end = endOf(child);
    await untilItWrites(scratch, child);
    child.kill('SIGKILL');
    expect(await end).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(fingerprint(scratch.path('out.root'))).toEqual(before);
    expect(tempFiles(scratch)).toHaveLength(1);
    // no reader takes it for a ROOT file
    expect(() => openRootFile(scratch.path(tempFiles(scratch)[0] as string))).toThrow(CorruptFileError);

    expect(scratch.run(['in_0.root', '-o', 'other.root', '-q']).code).toBe(0);
    expect(tempFiles(scratch)).toHaveLength(1); // another output: not ours to remove
    expect(scratch.run(['in_0.root', '-o', 'out.root', '-f', '-q']).code).toBe(0);
    expect(tempFiles(scratch)).toHaveLength(0);
    openRootFile(scratch.path('out.root')).close();
  });

  it('a temporary file of a living process or of another machine is left alone', () => {
    using scratch = new Scratch();
    const host =
      hostname()
        .replaceAll(/[^A-Za-z0-9]/g, '')
        .slice(0, 20) || 'host';
    const foreign = [
      `.out.root.pool-merge-${host}-${process.pid}.tmp`,
      '.out.root.pool-merge-elsewhere-1.tmp',
      '.out.root.pool-merge-notes.txt',
    ];
    for (const name of foreign) scratch.put(name, 'x');
    expect(scratch.run([fixture('dirnames_0.root'), '-o', 'out.root', '-q']).code).toBe(0);
    expect(scratch.list()).toEqual([...foreign, 'out.root'].sort());
  });
});

describe.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s', (signal, code) => {
  it(`ends with ${code}; old output and inputs stay, nothing is left`, async () => {
    using scratch = new Scratch();
    const list = manyInputs(scratch, 1500);
    const before = [fingerprint(scratch.put('out.root', 'old')), fingerprint(scratch.path('sample.root'))];
    const names = scratch.list();
    const child = scratch.start([list, '-o', 'out.root', '-f']);
    const end = endOf(child);
    await untilItWrites(scratch, child);
    child.kill(signal);
    if (signal === 'SIGHUP') child.kill(signal); // as from a shell that passes on what the terminal sent
    expect(await end).toEqual({ code, signal: null, stderr: 'error: interrupted, nothing was written\n' });
    expect([fingerprint(scratch.path('out.root')), fingerprint(scratch.path('sample.root'))]).toEqual(before);
    expect(scratch.list()).toEqual(names);
  });
});

describe('a limit on the size of files', () => {
  it('ends with 1 and leaves nothing', () => {
    using scratch = new Scratch();
    const { code, stderr } = scratch.runUnder('ulimit -f 16', [fixture('worker_0.root'), fixture('worker_1.root'), '-o', 'out.root']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*out\.root: cannot (reserve \d+ bytes|(write|complete) the output): file too large\n$/);
    expect(scratch.list()).toEqual([]);
  });
});

describe('5000 inputs with 64 descriptors', () => {
  it('are merged', () => {
    using scratch = new Scratch();
    const names = Array.from({ length: 5000 }, (_, i) => `in_${i}.root`);
    scratch.copy('dirnames_0.root', 'sample.root');
    for (const name of names) symlinkSync('sample.root', scratch.path(name));
    scratch.put('list.txt', names.join('\n'));
    const { code, stdout, stderr } = scratch.runUnder('ulimit -n 64', ['@list.txt', '-o', 'out.root']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'warning: in_1.root: given more than once, also as in_0.root: its contents count as often\n',
    });
    expect(stdout).toContain('5 000 files');
  });
});

describe('a full disk', () => {
  it.skipIf(!canMount())('ends with 1 and leaves nothing (skipped where no file system can be mounted)', () => {
    using scratch = new Scratch();
    const output = scratch.path('disk', 'out.root');
    const { code, stdout, stderr } = scratch.runWithSmallDisk(scratch.path('disk'), 32_768, [
      fixture('worker_0.root'),
      fixture('worker_1.root'),
      '-o',
      output,
    ]);
    expect(code).toBe(1);
    expect(stderr).toBe(`error: ${output}: cannot write the output: no space left on device\n`);
    expect(stdout).toBe('left:\n');
  });
});

describe('without permission', () => {
  it.skipIf(!canBecomeNobody())(
    'to read an input or to write beside the output: named, nothing is left (skipped unless run as root)',
    () => {
      using scratch = new Scratch();
      const names = ['good.root', 'locked', 'out', 'secret.root'];
      scratch.copy('dirnames_0.root', 'good.root');
      chmodSync(scratch.copy('dirnames_1.root', 'secret.root'), 0o600);
      for (const [folder, mode] of [
        ['locked', 0o755],
        ['out', 0o777],
      ] as const) {
        mkdirSync(scratch.path(folder));
        chmodSync(scratch.path(folder), mode);
      }
      const unreadable = scratch.runAsNobody(['good.root', 'secret.root', '-o', 'out/merged.root']);
      expect(unreadable).toEqual({ code: 1, stdout: '', stderr: 'error: secret.root: permission denied\n' });
      const unwritable = scratch.runAsNobody(['good.root', '-o', 'locked/merged.root']);
      expect(unwritable).toEqual({
        code: 1,
        stdout: '',
        stderr: 'error: locked/merged.root: cannot create the output: permission denied\n',
      });
      const skipped = scratch.runAsNobody(['good.root', 'secret.root', '-k', '-q', '-o', 'out/merged.root']);
      expect(skipped.code).toBe(3);
      scratch.copy('dirnames_2.root', 'locked/in.root');
      chmodSync(scratch.path('locked'), 0o700);
      for (const pattern of ['*/in.root', '**/in.root', 'locked/*.root']) {
        expect(scratch.runAsNobody([pattern, '-o', 'out/none.root'])).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/^error: locked.* cannot be read \(EACCES\)\n$/) as string,
        });
      }
      expect(scratch.list()).toEqual(names);
      expect([scratch.list('locked'), scratch.list('out')]).toEqual([['in.root'], ['merged.root']]);
    },
  );
});

describe('a current directory that is gone', () => {
  it('is told, and does not matter where all paths are absolute', () => {
    using scratch = new Scratch();
    const preparation = 'mkdir gone; cd gone; rmdir ../gone';
    expect(scratch.runUnder(preparation, [fixture('dirnames_0.root'), '-o', 'out.root'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: the current directory is gone: change into one that exists\n',
    });
    expect(scratch.runUnder(preparation, [fixture('dirnames_0.root'), '-q', '-o', scratch.path('out.root')])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(scratch.list()).toEqual(['out.root']);
  });
});

describe('a report that cannot be written', () => {
  it('is told, after a merge that succeeded', () => {
    using scratch = new Scratch();
    const { code, stderr } = scratch.runUnder('ulimit -f 16', [fixture('dirnames_0.root'), '-o', 'out.root', '--json', 'none/report.json']);
    expect(code).toBe(1);
    expect(stderr).toContain('none/report.json: the directory of the report does not exist');
    expect(scratch.list()).toEqual([]);
  });
});
