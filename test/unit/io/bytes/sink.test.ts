import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InternalError, UsageError } from '../../../../src/errors.ts';
import { createSink } from '../../../../src/io/bytes/sink.ts';
import { Scratch } from '../../../scratch.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => {
  scratch[Symbol.dispose]();
});

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Writes `text` to a target through a sink. */
function write(target: string, text: string, force = false): void {
  using sink = createSink(target, { force });
  sink.append(bytes(text));
  sink.commit();
}

describe('the temporary file', () => {
  it('stands beside the target, hidden, with the process id in its name, and takes the name on commit', () => {
    using sink = createSink(scratch.path('out.root'));
    expect(dirname(sink.tempPath)).toBe(dirname(sink.targetPath));
    expect(basename(sink.tempPath)).toMatch(new RegExp(`^\\.out\\.root\\.pool-merge-\\w+-${process.pid}\\.tmp$`));
    sink.append(bytes('content'));
    expect(existsSync(scratch.path('out.root'))).toBe(false);
    sink.commit();
    expect(scratch.list()).toEqual(['out.root']);
    expect(readFileSync(scratch.path('out.root'), 'utf8')).toBe('content');
  });

  it('is removed when the sink is disposed without commit', () => {
    {
      using sink = createSink(scratch.path('out.root'));
      sink.append(bytes('half'));
      sink.flush();
      expect(scratch.list()).toHaveLength(1);
    }
    expect(scratch.list()).toEqual([]);
  });

  it('of a process that is gone is removed by the next run into the same target; others stay', () => {
    const host =
      hostname()
        .replaceAll(/[^A-Za-z0-9]/g, '')
        .slice(0, 20) || 'host';
    const stale = [`.out.root.pool-merge-${host}-999999999.tmp`, `.out.root.pool-merge-${host}-${process.pid}.tmp`];
    const kept = [
      `.out.root.pool-merge-${host}-${process.ppid}.tmp`,
      `.other.root.pool-merge-${host}-999999999.tmp`,
      '.out.root.pool-merge-elsewhere-999999999.tmp',
      `.out.root.pool-merge-${host}-notes.tmp`,
      `.out.root.pool-merge-${host}-999999999.txt`,
    ];
    for (const name of [...stale, ...kept]) scratch.put(name, 'x');
    write(scratch.path('out.root'), 'new');
    expect(scratch.list()).toEqual([...kept, 'out.root'].sort());
  });

  it('of a merge that is running is not taken away', () => {
    using first = createSink(scratch.path('out.root'));
    expect(() => createSink(scratch.path('out.root'))).toThrow('another merge into it is running');
    first.append(bytes('first'));
    first.commit();
    expect(readFileSync(scratch.path('out.root'), 'utf8')).toBe('first');
  });

  it("has a name the file system takes, however long the target's is", () => {
    const name = `${'é'.repeat(125)}.root`;
    write(scratch.path(name), 'long');
    expect(scratch.list()).toEqual([name]);
  });
});

describe('a target that exists', () => {
  it('is refused without force and stays as it is', () => {
    const target = scratch.put('out.root', 'old');
    const before = statSync(target);
    expect(() => createSink(target)).toThrow(UsageError);
    expect(() => createSink(target)).toThrow(`${target}: the output exists already (use --force to replace it)`);
    expect([readFileSync(target, 'utf8'), statSync(target).mtimeMs, statSync(target).ino]).toEqual(['old', before.mtimeMs, before.ino]);
    expect(scratch.list()).toEqual(['out.root']);
  });

  it('is replaced with force at once: what was open stays the old file', () => {
    const target = scratch.put('out.root', 'old');
    linkSync(target, scratch.path('other-name'));
    write(target, 'new', true);
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(readFileSync(scratch.path('other-name'), 'utf8')).toBe('old');
  });

  it.each([0o600, 0o664])('gives the new file its permissions when they are to be kept: %i', (mode) => {
    const modeOf = (path: string): number => statSync(path).mode & 0o777;
    const target = scratch.put('out.root', 'old');
    chmodSync(target, mode);
    using sink = createSink(target, { force: true, keepMode: true });
    expect(modeOf(sink.tempPath)).toBe(0o600);
    sink.commit();
    expect(modeOf(target)).toBe(mode);
    chmodSync(target, 0o600);
    write(target, 'new', true);
    expect(modeOf(target)).toBe(0o666 & ~process.umask());
  });

  it('stays until commit, and for good when the sink is abandoned', () => {
    const target = scratch.put('out.root', 'old');
    const sink = createSink(target, { force: true });
    sink.append(bytes('new'));
    expect(readFileSync(target, 'utf8')).toBe('old');
    sink.abandon();
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(scratch.list()).toEqual(['out.root']);
  });

  it('and appeared only during the merge is not overwritten without force', () => {
    using sink = createSink(scratch.path('out.root'));
    sink.append(bytes('ours'));
    scratch.put('out.root', 'theirs');
    expect(() => sink.commit()).toThrow(UsageError);
    sink.abandon();
    expect(readFileSync(scratch.path('out.root'), 'utf8')).toBe('theirs');
    expect(scratch.list()).toEqual(['out.root']);
  });

  it('behind a symbolic link is replaced; the link stays a link', () => {
    mkdirSync(scratch.path('real'));
    scratch.put('real/out.root', 'old');
    symlinkSync('real/out.root', scratch.path('link.root'));
    write(scratch.path('link.root'), 'new', true);
    expect(lstatSync(scratch.path('link.root')).isSymbolicLink()).toBe(true);
    expect(readlinkSync(scratch.path('link.root'))).toBe('real/out.root');
    expect(readFileSync(scratch.path('real/out.root'), 'utf8')).toBe('new');
  });
});

describe('what is written', () => {
  /** Steps: a piece to append (its length), or a patch at a fraction of what is there. */
  const step = fc.oneof(
    fc.record({ append: fc.oneof(fc.nat(200), fc.integer({ min: 60_000, max: 70_000 }), fc.constant(300_000)) }),
    fc.record({ patch: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(2000) }),
    fc.constant({ flush: true as const }),
    fc.record({ expect: fc.nat(3_000_000) }),
  );

  it('equals the appends with the patches over them, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const target = scratch.path(`out${Math.random()}.root`);
        using sink = createSink(target);
        let expected = Buffer.alloc(0);
        steps.forEach((s, n) => {
          if ('append' in s) {
            const piece = Buffer.alloc(s.append + 3, n + 1);
            sink.append(piece, 2, s.append);
            expected = Buffer.concat([expected, piece.subarray(2, 2 + s.append)]);
          } else if ('patch' in s) {
            const length = Math.min(s.length, expected.length);
            const at = Math.floor((expected.length - length) * s.patch);
            sink.patch(at, Buffer.alloc(length, 200 + n));
            expected.fill(200 + n, at, at + length);
          } else if ('flush' in s) sink.flush();
          else sink.expect(s.expect);
          expect(sink.position).toBe(expected.length);
        });
        sink.commit();
        expect(Buffer.compare(readFileSync(target), expected)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('cannot be patched beyond its end', () => {
    using sink = createSink(scratch.path('out.root'));
    sink.append(bytes('12345'));
    expect(() => sink.patch(3, bytes('abc'))).toThrow(InternalError);
    expect(() => sink.patch(-1, bytes('a'))).toThrow(InternalError);
    sink.patch(3, bytes('ab'));
    sink.flush();
    expect(readFileSync(sink.tempPath, 'utf8')).toBe('123ab');
  });

  it('may be read from the temporary file after flush, and is cut to its size there', () => {
    using sink = createSink(scratch.path('out.root'));
    sink.expect(1000);
    sink.append(bytes('12345'));
    sink.flush();
    expect(readFileSync(sink.tempPath, 'utf8')).toBe('12345');
  });
});

describe('permissions', () => {
  it.each([0o027, 0o077, 0o002])('follow the umask %o', (mask) => {
    const old = process.umask(mask);
    try {
      write(scratch.path('out.root'), 'x');
      expect(statSync(scratch.path('out.root')).mode & 0o777).toBe(0o666 & ~mask);
    } finally {
      process.umask(old);
    }
  });
});
