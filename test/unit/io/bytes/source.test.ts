import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CorruptFileError, UnreadableFileError } from '../../../../src/errors.ts';
import { openSource, readTextFile, type Source } from '../../../../src/io/bytes/source.ts';
import { Scratch } from '../../../scratch.ts';

/** Half of it is 200: so many the tests below hold open. */
vi.mock('../../../../src/io/bytes/descriptor-limit.ts', () => ({ descriptorLimit: () => 400 }));

let scratch: Scratch;
let opened: Source[];
beforeEach(() => {
  scratch = new Scratch();
  opened = [];
});
afterEach(() => {
  for (const source of opened) source.close();
  scratch[Symbol.dispose]();
});

function open(path: string): Source {
  const source = openSource(path);
  opened.push(source);
  return source;
}

/** `bytes` bytes whose value depends on their position. */
function pattern(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

describe('reading at positions', () => {
  it('gives the bytes of any range, through the window and around it', () => {
    const content = pattern(700_000);
    const source = open(scratch.put('a', content));
    expect(source.sizeBytes).toBe(700_000);
    fc.assert(
      fc.property(fc.nat(700_000), fc.nat(300_000), (position, wanted) => {
        const length = Math.min(wanted, 700_000 - position);
        expect(Buffer.compare(source.read(position, length), content.subarray(position, position + length))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('fills a part of the target and leaves the rest', () => {
    const source = open(scratch.put('a', pattern(100)));
    const target = new Uint8Array(10).fill(0xee);
    source.readInto(target, 3, 4, 50);
    expect([...target]).toEqual([0xee, 0xee, 0xee, ...pattern(100).subarray(50, 54), 0xee, 0xee, 0xee]);
  });

  it('returns copies: changing what was read changes no later read', () => {
    const source = open(scratch.put('a', pattern(100)));
    source.read(0, 10).fill(0);
    expect([...source.read(0, 10)]).toEqual([...pattern(10)]);
  });

  it('serves two files in turn without mixing them up', () => {
    const [a, b] = [open(scratch.put('a', pattern(1000))), open(scratch.put('b', pattern(1000).reverse()))];
    for (const position of [0, 500, 990]) {
      expect([...a.read(position, 10)]).toEqual([...pattern(1000).subarray(position, position + 10)]);
      expect([...b.read(position, 10)]).toEqual([
        ...pattern(1000)
          .reverse()
          .subarray(position, position + 10),
      ]);
    }
  });
});

describe('reading ahead', () => {
  it('fills the target later, with the same bytes', async () => {
    const content = pattern(700_000);
    const source = open(scratch.put('a', content));
    const target = new Uint8Array(600_010).fill(0xee);
    const reading = source.readIntoAhead(target, 5, 600_000, 50_000);
    await reading;
    expect(Buffer.compare(target.subarray(5, 600_005), content.subarray(50_000, 650_000))).toBe(0);
    expect([target[4], target[600_005]]).toEqual([0xee, 0xee]);
  });

  it('keeps its descriptor, however many files are opened meanwhile', async () => {
    const source = open(scratch.put('a', pattern(50_000_000)));
    const target = new Uint8Array(50_000_000);
    const reading = source.readIntoAhead(target, 0, target.length, 0);
    for (let i = 0; i < 250; i++) open(scratch.put(`b${i}`, pattern(10))).read(0, 10);
    await reading;
    expect(Buffer.compare(target, pattern(50_000_000))).toBe(0);
  });

  it('outside of the file, or in one cut meanwhile, is an error with file and offset', async () => {
    const path = scratch.put('a', pattern(1000));
    const source = open(path);
    await expect(source.readIntoAhead(new Uint8Array(10), 0, 10, 995)).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      file: path,
      offset: 995,
    });
    truncateSync(path, 500);
    await expect(source.readIntoAhead(new Uint8Array(900), 0, 900, 0)).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      file: path,
      reason: expect.stringMatching(/short read/) as string,
    });
  });
});

describe('reading outside', () => {
  it.each([
    ['beyond the end', 95, 10],
    ['before the start', -1, 10],
    ['a negative length', 10, -1],
    ['from the end on', 100, 1],
  ])('%s is an error with file, offset, expected and found', (_, position, length) => {
    const path = scratch.put('a', pattern(100));
    const source = open(path);
    for (const read of [() => source.read(position, length), () => source.readInto(new Uint8Array(20), 0, length, position)]) {
      expect(read).toThrow(CorruptFileError);
      expect(read).toThrow(
        expect.objectContaining({ file: path, offset: position, expected: `${length} bytes`, found: 'file of 100 bytes' }),
      );
    }
  });

  it('reads nothing from the very end', () => {
    expect(open(scratch.put('a', pattern(100))).read(100, 0)).toEqual(new Uint8Array(0));
  });

  it('a file cut while it is open gives a short read, not zeros', () => {
    const path = scratch.put('a', pattern(300_000));
    const source = open(path);
    truncateSync(path, 200_000);
    const read = (): Uint8Array => source.read(150_000, 140_000);
    expect(read).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE', file: path, offset: 150_000, expected: 140_000, found: 50_000 }));
  });
});

describe('opening', () => {
  it('names what is wrong with the path', () => {
    mkdirSync(scratch.path('folder'));
    const plain = scratch.put('plain', 'x');
    expect(() => openSource(scratch.path('none'))).toThrow(`${scratch.path('none')}: no such file`);
    expect(() => openSource(scratch.path('folder'))).toThrow('is a directory, not a file');
    expect(() => openSource(`${plain}/below`)).toThrow('a part of the path is not a directory');
    expect(() => openSource(scratch.path('none'))).toThrow(UnreadableFileError);
  });

  it('refuses a named pipe instead of waiting for its writer', () => {
    execFileSync('mkfifo', [scratch.path('pipe')]);
    expect(() => openSource(scratch.path('pipe'))).toThrow('is not a regular file');
  });

  it('reads an empty file as empty', () => {
    expect(open(scratch.put('a', '')).sizeBytes).toBe(0);
  });
});

describe('many files', () => {
  it('are read with a bounded number of descriptors, in any order', () => {
    const sources = Array.from({ length: 450 }, (_, i) => open(scratch.put(`f${i}`, `file number ${String(i).padStart(4, '0')}`)));
    if (process.platform === 'linux') expect(readdirSync('/proc/self/fd').length).toBeLessThan(300);
    for (const step of [1, 7, 449]) {
      for (let n = 0; n < 450; n++) {
        const i = (n * step) % 450;
        expect(Buffer.from((sources[i] as Source).read(12, 4)).toString()).toBe(String(i).padStart(4, '0'));
      }
    }
  });

  it('one that was changed after its descriptor was given up is refused', () => {
    const path = scratch.put('first', pattern(10));
    const first = open(path);
    for (let i = 0; i < 250; i++) open(scratch.put(`f${i}`, 'x'));
    appendFileSync(path, 'more');
    expect(() => first.read(0, 5)).toThrow(`${path}: changed while it was being read`);
  });

  it('one that was removed after its descriptor was given up is an error', () => {
    const path = scratch.put('first', pattern(10));
    const first = open(path);
    for (let i = 0; i < 250; i++) open(scratch.put(`f${i}`, 'x'));
    execFileSync('rm', [path]);
    expect(() => first.read(0, 5)).toThrow('no such file');
  });
});

describe('text files', () => {
  it('are read whole', () => {
    expect(readTextFile(scratch.put('list', 'a\nb\n'))).toBe('a\nb\n');
  });
  it('that are missing are an error with the path', () => {
    expect(() => readTextFile(scratch.path('none'))).toThrow(`${scratch.path('none')}: no such file`);
    writeFileSync(scratch.path('plain'), '');
    expect(() => readTextFile(scratch.path('plain', 'x'))).toThrow('a part of the path is not a directory');
  });
});
