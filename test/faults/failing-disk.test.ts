/** A disk that fails at each call in turn: an OutputError with the system's name for it, and no rest. */
import { existsSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { OutputError, UnreadableFileError, merge } from '../../src/index.ts';
import { Scratch, fixture } from '../scratch.ts';

type Call = 'writeSync' | 'fsyncSync' | 'closeSync' | 'linkSync' | 'renameSync' | 'openSync' | 'readSync';

/** Which call is to fail, the how manieth (from 1), and with what; counts how often each was made. */
const disk = vi.hoisted(() => ({ fails: '', at: 0, errno: '', short: false, counts: new Map<string, number>() }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const guarded = (name: Call): unknown => {
    const real = fs[name] as (...args: unknown[]) => unknown;
    return (...args: unknown[]) => {
      const count = (disk.counts.get(name) ?? 0) + 1;
      disk.counts.set(name, count);
      if (disk.fails === name && disk.at === count) {
        throw Object.assign(new Error(`${disk.errno}: injected, ${name}`), { code: disk.errno });
      }
      if (disk.short && name === 'writeSync') args[3] = Math.max(1, Math.floor((args[3] as number) / 2)); // half of what was asked for
      if (disk.short && name === 'readSync') args[3] = Math.max(1, Math.floor((args[3] as number) / 2));
      return real(...args);
    };
  };
  const names: Call[] = ['writeSync', 'fsyncSync', 'closeSync', 'linkSync', 'renameSync', 'openSync', 'readSync'];
  return { ...fs, ...Object.fromEntries(names.map((name) => [name, guarded(name)])) };
});

const INPUTS = [0, 1, 2].map((worker) => fixture(`worker_${worker}.root`));

function arm(fails: string, at: number, errno: string): void {
  Object.assign(disk, { fails, at, errno, short: false, counts: new Map() });
}

/** How often a call is made in a merge that succeeds. */
async function countOf(call: Call, force: boolean): Promise<number> {
  using scratch = new Scratch();
  arm('', 0, '');
  await merge(INPUTS, { output: force ? scratch.put('out.root', 'old') : scratch.path('out.root'), force });
  return disk.counts.get(call) ?? 0;
}

beforeEach(() => {
  arm('', 0, '');
});

describe.each([
  ['writeSync', 'ENOSPC', 'no space left on device'],
  ['writeSync', 'EIO', 'EIO'],
  ['writeSync', 'EDQUOT', 'quota exceeded'],
  ['writeSync', 'EFBIG', 'file too large'],
  ['renameSync', 'EACCES', 'permission denied'],
] as const)('%s that fails with %s', (call, errno, says) => {
  it('at each of its times leaves the old output and no other file', async () => {
    const count = await countOf(call, true);
    expect(count).toBeGreaterThan(0);
    for (let at = 1; at <= count; at++) {
      using scratch = new Scratch();
      const output = scratch.put('out.root', 'old');
      arm(call, at, errno);
      const err: unknown = await merge(INPUTS, { output, force: true }).catch((reason: unknown) => reason);
      arm('', 0, '');
      expect(err, `time ${at}`).toBeInstanceOf(OutputError);
      expect((err as OutputError).errno).toBe(errno);
      expect((err as OutputError).message).toContain(says);
      expect((err as OutputError).message.startsWith(`${output}: `)).toBe(true);
      expect(scratch.list()).toEqual(['out.root']);
      expect(readFileSync(output, 'utf8')).toBe('old');
    }
  });
});

describe('other calls that fail', () => {
  it('fsync of the file: not durable, so not there', async () => {
    using scratch = new Scratch();
    arm('fsyncSync', 1, 'EIO');
    await expect(merge(INPUTS, { output: scratch.path('out.root') })).rejects.toBeInstanceOf(OutputError);
    expect(scratch.list()).toEqual([]);
  });

  it('the output cannot be created', async () => {
    using scratch = new Scratch();
    arm('openSync', INPUTS.length + 1, 'EROFS');
    const err: unknown = await merge(INPUTS, { output: scratch.path('out.root') }).catch((reason: unknown) => reason);
    expect(err).toBeInstanceOf(OutputError);
    expect((err as OutputError).message).toBe(`${scratch.path('out.root')}: cannot create the output: read-only file system`);
    expect(scratch.list()).toEqual([]);
  });

  it('no hard links on this file system: the output is renamed instead', async () => {
    using scratch = new Scratch();
    arm('linkSync', 1, 'EPERM');
    await merge(INPUTS, { output: scratch.path('out.root') });
    expect(scratch.list()).toEqual(['out.root']);
  });

  it('each read of an input: named, and no rest', async () => {
    const count = await countOf('readSync', false);
    expect(count).toBeGreaterThan(INPUTS.length);
    for (let at = 1; at <= count; at++) {
      using scratch = new Scratch();
      arm('readSync', at, 'EIO');
      const err: unknown = await merge(INPUTS, { output: scratch.path('out.root') }).catch((reason: unknown) => reason);
      arm('', 0, '');
      expect(String(err)).toContain('EIO');
      expect(err instanceof UnreadableFileError || (err as { code?: string }).code === 'VERIFICATION', `read ${at}: ${String(err)}`).toBe(
        true,
      );
      expect(existsSync(scratch.path('out.root'))).toBe(false);
      expect(scratch.list()).toEqual([]);
    }
  });

  it('reads and writes that do less than was asked are continued', async () => {
    using scratch = new Scratch();
    await merge(INPUTS, { output: scratch.path('whole.root') });
    disk.short = true;
    await merge(INPUTS, { output: scratch.path('halves.root') });
    expect(readFileSync(scratch.path('halves.root')).equals(readFileSync(scratch.path('whole.root')))).toBe(true);
  });

  it('too many open files: descriptors are given back and the merge goes on', async () => {
    using reference = new Scratch();
    await merge(INPUTS, { output: reference.path('out.root') });
    const whole = readFileSync(reference.path('out.root'));
    const times = await countOf('openSync', false);
    for (let at = 3; at <= times; at++) {
      using scratch = new Scratch();
      arm('openSync', at, 'EMFILE');
      const err: unknown = await merge(INPUTS, { output: scratch.path('out.root'), skipBad: true }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (err !== undefined) {
        expect(err).toMatchObject({ code: 'UNREADABLE_FILE', message: expect.stringContaining('too many open files') as string });
      } // it was the only one
      expect(scratch.list()).toEqual(err === undefined ? ['out.root'] : []);
      if (err === undefined) expect(readFileSync(scratch.path('out.root')).equals(whole)).toBe(true); // no input was taken for a bad one
    }
  });
});

describe('the catalog', () => {
  const pool = [0, 1].map((worker) => fixture(`pool/p6_${worker}.root`));
  const run = async (scratch: Scratch): Promise<unknown> =>
    merge(pool, { output: scratch.path('out.root'), catalog: scratch.path('catalog.xml') }).catch((reason: unknown) => reason);

  it.each(['writeSync', 'fsyncSync', 'openSync'] as const)('%s fails: known before the output is there', async (call) => {
    using first = new Scratch();
    await run(first);
    const count = disk.counts.get(call) as number;
    const last = call === 'fsyncSync' ? 2 : count; // after the two files, directories are synced, which may fail
    for (let at = Math.max(1, last - 3); at <= last; at++) {
      using scratch = new Scratch();
      arm(call, at, 'ENOSPC');
      const err = await run(scratch);
      arm('', 0, '');
      if (err instanceof Error) expect(scratch.list(), `time ${at}`).toEqual([]);
      else expect(call).toBe('openSync');
    }
  });

  it('cannot get its name although all of it is on disk: the error says that the output is complete', async () => {
    using scratch = new Scratch();
    arm('renameSync', 1, 'EACCES');
    const err = await run(scratch);
    expect(err).toBeInstanceOf(OutputError);
    expect((err as OutputError).message).toBe(
      `${scratch.path('catalog.xml')}: the merged file ${scratch.path('out.root')} is complete, but this catalog does not name it: cannot complete the catalog: permission denied`,
    );
    expect(scratch.list()).toEqual(['out.root']);
  });

  it('is not written when the output cannot get its name', async () => {
    using scratch = new Scratch();
    scratch.put('catalog.xml', '<POOLFILECATALOG></POOLFILECATALOG>');
    scratch.put('out.root', 'old');
    arm('renameSync', 1, 'EACCES');
    await expect(
      merge(pool, { output: scratch.path('out.root'), catalog: scratch.path('catalog.xml'), force: true }),
    ).rejects.toBeInstanceOf(OutputError);
    expect(scratch.list().toSorted()).toEqual(['catalog.xml', 'out.root']);
    expect([readFileSync(scratch.path('catalog.xml'), 'utf8'), readFileSync(scratch.path('out.root'), 'utf8')]).toEqual([
      '<POOLFILECATALOG></POOLFILECATALOG>',
      'old',
    ]);
  });

  it('is neither the output nor an input', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    for (const catalog of [output, pool[1] as string]) {
      await expect(merge(pool, { output, catalog })).rejects.toThrow(/the catalog is also the output or an input/);
    }
    expect(scratch.list()).toEqual([]);
  });
});
