/** What the system may refuse while the output is written; the system calls are replaced by failing ones. */
import type * as Fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutputError } from '../../../../src/errors.ts';
import { createSink } from '../../../../src/io/bytes/sink.ts';
import { Scratch } from '../../../scratch.ts';

const failing = vi.hoisted(() => ({ call: '', errno: '', after: 0 }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const wrap =
    <A extends unknown[], R>(name: string, call: (...args: A) => R) =>
    (...args: A): R => {
      if (failing.call !== name || failing.after-- > 0) return call(...args);
      if (name === 'closeSync') call(...args);
      throw Object.assign(new Error(`${failing.errno}: simulated`), { code: failing.errno });
    };
  const wrapped = Object.fromEntries(
    (['writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'linkSync', 'ftruncateSync', 'openSync'] as const).map((name) => [
      name,
      wrap(name, fs[name] as (...args: unknown[]) => unknown),
    ]),
  );
  return { ...fs, ...wrapped };
});

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => {
  failing.call = '';
  scratch[Symbol.dispose]();
});

/** Writes a target while `call` fails with `errno` after so many successes. */
function writeFailing(call: string, errno: string, after = 0): void {
  using sink = createSink(scratch.path('out.root'), { force: true });
  Object.assign(failing, { call, errno, after });
  sink.expect(10);
  for (let i = 0; i < 10; i++) sink.append(new Uint8Array(70_000));
  sink.patch(0, new Uint8Array(5));
  sink.commit();
}

describe.each([
  ['writeSync', 'ENOSPC', 'cannot write the output: no space left on device'],
  ['writeSync', 'EDQUOT', 'cannot write the output: quota exceeded'],
  ['writeSync', 'EIO', 'cannot write the output: EIO'],
  ['ftruncateSync', 'EFBIG', 'cannot reserve 10 bytes: file too large'],
  ['fsyncSync', 'EIO', 'cannot complete the output: EIO'],
  ['closeSync', 'ENOSPC', 'cannot complete the output: no space left on device'],
  ['renameSync', 'EROFS', 'cannot complete the output: read-only file system'],
])('%s fails with %s', (call, errno, reason) => {
  it('is an OutputError with the target and the errno; the old target stays and no temporary file', () => {
    scratch.put('out.root', 'old');
    const write = (): void => writeFailing(call, errno);
    expect(write).toThrow(OutputError);
    expect(write).toThrow(expect.objectContaining({ errno, reason, message: `${scratch.path('out.root')}: ${reason}` }));
    expect(scratch.list()).toEqual(['out.root']);
  });
});

it.each([0, 1, 5, 9, 10])('a disk that is full after %d writes leaves nothing behind', (after) => {
  expect(() => writeFailing('writeSync', 'ENOSPC', after)).toThrow('no space left on device');
  expect(scratch.list()).toEqual([]);
});

it('a directory that takes no file is named', () => {
  Object.assign(failing, { call: 'openSync', errno: 'EACCES', after: 0 });
  const create = (): unknown => createSink(scratch.path('out.root'));
  expect(create).toThrow(
    expect.objectContaining({ errno: 'EACCES', message: `${scratch.path('out.root')}: cannot create the output: permission denied` }),
  );
});

it('a file system without hard links gets the name by renaming', () => {
  Object.assign(failing, { call: 'linkSync', errno: 'EPERM', after: 0 });
  using sink = createSink(scratch.path('out.root'));
  sink.append(new Uint8Array(3));
  sink.commit();
  expect(scratch.list()).toEqual(['out.root']);
});
