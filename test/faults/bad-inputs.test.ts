/** Bad input: a clear error with the file's name, no output, everything else untouched. */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, PoolMergeError, UnreadableFileError, UsageError, merge, planMerge, type ErrorCode } from '../../src/index.ts';
import { Scratch, fingerprint, fixture } from '../scratch.ts';
import { flipped, keyListAt, placeOf, recordEdges, withU32 } from './damage.ts';
import { rejectionOf } from '../thrown.ts';

const GOOD = fixture('dirnames_1.root');
const SAMPLE = fixture('dirnames_0.root');
const sample = readFileSync(SAMPLE);

/** A way to make a bad input, and what must be said about it. */
interface BadInput {
  name: string;
  /** Makes the input at `path` (or not) and returns the path to merge. */
  make: (scratch: Scratch) => string;
  code: ErrorCode;
  says: string;
  /** Offset the error must carry; undefined: none is asked for. */
  offset?: number;
}

/** A record of the sample as it would stand at another offset. */
function recordFor(offset: number): Uint8Array {
  const { seekKey, nbytes } = placeOf(SAMPLE, 'p/q');
  return withU32(sample.subarray(seekKey, seekKey + nbytes), 18, offset);
}

const keyList = keyListAt(SAMPLE);
const histogram = placeOf(SAMPLE, 'p/q');

const BAD_INPUTS: readonly BadInput[] = [
  { name: 'missing', make: (s) => s.path('none.root'), code: 'UNREADABLE_FILE', says: 'no such file' },
  {
    name: 'a directory',
    make: (s) => (mkdirSync(s.path('folder.root')), s.path('folder.root')),
    code: 'UNREADABLE_FILE',
    says: 'is a directory, not a file',
  },
  {
    name: 'below a file',
    make: (s) => `${s.put('plain', 'x')}/a.root`,
    code: 'UNREADABLE_FILE',
    says: 'a part of the path is not a directory',
  },
  { name: 'empty', make: (s) => s.put('bad.root', ''), code: 'CORRUPT_FILE', says: 'file is empty' },
  {
    name: 'text',
    make: (s) => s.put('bad.root', 'These are not the bytes of a ROOT file.\n'.repeat(9)),
    code: 'CORRUPT_FILE',
    says: 'not a ROOT file',
  },
  { name: 'short text', make: (s) => s.put('bad.root', 'no'), code: 'CORRUPT_FILE', says: '' },
  { name: 'another magic', make: (s) => s.put('bad.root', flipped(sample, 0)), code: 'CORRUPT_FILE', says: 'not a ROOT file' },
  { name: 'cut to its magic', make: (s) => s.put('bad.root', sample.subarray(0, 4)), code: 'CORRUPT_FILE', says: '' },
  { name: 'cut to 60 bytes', make: (s) => s.put('bad.root', sample.subarray(0, 60)), code: 'CORRUPT_FILE', says: '' },
  {
    name: 'cut to 10 %',
    make: (s) => s.put('bad.root', sample.subarray(0, sample.length / 10)),
    code: 'CORRUPT_FILE',
    says: 'file is truncated',
  },
  {
    name: 'cut by one byte',
    make: (s) => s.put('bad.root', sample.subarray(0, -1)),
    code: 'CORRUPT_FILE',
    says: `file is truncated: expected ${sample.length} bytes, found ${sample.length - 1} bytes`,
  },
  {
    name: 'written to after its end',
    make: (s) => s.put('bad.root', Buffer.concat([sample, recordFor(sample.length)])),
    code: 'CORRUPT_FILE',
    says: 'records after its end',
  },
  {
    name: 'without the free-segment record its header names',
    make: (s) => s.put('bad.root', withU32(sample, 16, sample.length)),
    code: 'CORRUPT_FILE',
    says: 'free-segment record lies outside the file',
  },
  {
    name: 'never closed: no key list',
    make: (s) => s.put('bad.root', withU32(sample, keyList.seekKeysAt, 0)),
    code: 'CORRUPT_FILE',
    says: 'never closed',
  },
  {
    name: 'never closed: no streamer infos',
    make: (s) => s.put('bad.root', withU32(withU32(sample, 37, 0), 41, 0)),
    code: 'CORRUPT_FILE',
    says: 'never closed',
  },
  {
    name: 'never closed: no free segments',
    make: (s) => s.put('bad.root', withU32(sample, 16, 0)),
    code: 'CORRUPT_FILE',
    says: 'never closed',
  },
  {
    name: 'a key list with an impossible count',
    make: (s) => s.put('bad.root', withU32(sample, keyList.seekKeys + keyList.keylen, 1_000_000)),
    code: 'CORRUPT_FILE',
    says: 'impossible number of keys',
    offset: keyList.seekKeys + keyList.keylen,
  },
  {
    name: 'a record that contradicts the key list',
    make: (s) => s.put('bad.root', withU32(sample, histogram.seekKey + 6, 12_345)),
    code: 'CORRUPT_FILE',
    says: '/p/q',
    offset: histogram.seekKey,
  },
  {
    name: 'a damaged compressed block',
    make: (s) => s.put('bad.root', flipped(sample, histogram.seekKey + histogram.keylen + 9 + 20, 30)),
    code: 'CORRUPT_FILE',
    says: '/p/q',
  },
  {
    name: 'a damaged block header',
    make: (s) => s.put('bad.root', flipped(sample, histogram.seekKey + histogram.keylen, 2)),
    code: 'CORRUPT_FILE',
    says: '/p/q',
  },
];

describe.each(BAD_INPUTS)('an input that is $name', ({ make, code, says, offset }) => {
  it('stops the merge with its name; the old output and the other inputs stay as they were', async () => {
    using scratch = new Scratch();
    const [bad, good, output] = [make(scratch), scratch.copy('dirnames_1.root', 'good.root'), scratch.put('out.root', 'old output')];
    const before = [fingerprint(good), fingerprint(output)];
    const names = scratch.list();
    for (const inputs of [
      [bad, good],
      [good, bad],
    ]) {
      const err = await rejectionOf(PoolMergeError, merge(inputs, { output, force: true }));
      expect(err.code).toBe(code);
      expect(err.file).toBe(bad);
      expect(err.message.startsWith(`${bad}: `)).toBe(true);
      expect(err.message).toContain(says);
      if (offset !== undefined) expect(err.offset).toBe(offset);
      expect([fingerprint(good), fingerprint(output)]).toEqual(before);
      expect(scratch.list()).toEqual(names);
    }
  });

  it('is left out with skipBad, and the report says why', async () => {
    using scratch = new Scratch();
    const [bad, output] = [make(scratch), scratch.path('out.root')];
    const report = await merge([GOOD, bad, fixture('dirnames_2.root')], { output, skipBad: true });
    expect(report.inputs.map((input) => [input.path, input.status])).toEqual([
      [GOOD, 'merged'],
      [bad, 'skipped'],
      [fixture('dirnames_2.root'), 'merged'],
    ]);
    expect(report.inputs[1]?.reason).toContain(says.replace(/^\/p\/q$/, 'p/q'));
    const alone = scratch.path('alone.root');
    await merge([GOOD, fixture('dirnames_2.root')], { output: alone });
    expect(readFileSync(output).equals(readFileSync(alone))).toBe(true);
  });
});

describe('a truncated input', () => {
  const edges = recordEdges(sample);

  it('has records to cut between', () => {
    expect(edges.length).toBeGreaterThan(20);
    expect(edges.at(-1)).toBe(sample.length);
  });

  it('is refused at every record edge, just before and just after it', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const cuts = edges.flatMap((edge) => [edge - 1, edge, edge + 1]).filter((cut) => cut < sample.length);
    for (const cut of cuts) {
      const bad = scratch.put('bad.root', sample.subarray(0, cut));
      const err = await rejectionOf(PoolMergeError, merge([GOOD, bad], { output }));
      expect(err).toBeInstanceOf(CorruptFileError);
      expect(err.message.startsWith(`${bad}: `)).toBe(true);
      expect(scratch.list()).toEqual(['bad.root']);
    }
  });

  it('is refused when its header claims the shorter length, too', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    for (const cut of edges.slice(1, -1)) {
      const bad = scratch.put('bad.root', withU32(sample.subarray(0, cut), 12, cut));
      const err = await rejectionOf(PoolMergeError, merge([GOOD, bad], { output }));
      expect(err).toBeInstanceOf(CorruptFileError);
      expect(err.file).toBe(bad);
      expect(scratch.list()).toEqual(['bad.root']);
    }
  });
});

describe('bytes behind the end', () => {
  it('that are no record are left by ROOT when it shortens a file, and do not matter', async () => {
    using scratch = new Scratch();
    const longer = scratch.put('longer.root', Buffer.concat([sample, Buffer.alloc(300, 0xee)]));
    await merge([longer, GOOD], { output: scratch.path('a.root') });
    await merge([SAMPLE, GOOD], { output: scratch.path('b.root') });
    expect(readFileSync(scratch.path('a.root')).equals(readFileSync(scratch.path('b.root')))).toBe(true);
  });
});

describe('damage anywhere', () => {
  it('in the first 400 bytes, key lists and records ends in an error of this package or in a merge, never in a crash or a rest', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const step = 37; // a prime, so that all fields are hit in turn; every byte would take a minute
    let found = 0;
    for (let at = 0; at < sample.length; at += step) {
      const bad = scratch.put('bad.root', flipped(sample, at));
      const outcome: unknown = await merge([GOOD, bad], { output, force: true }).then(
        () => undefined,
        (err: unknown) => err,
      );
      if (outcome !== undefined) {
        found++;
        expect(outcome, `byte ${at}`).toBeInstanceOf(PoolMergeError);
        expect((outcome as PoolMergeError).code, `byte ${at}: ${(outcome as PoolMergeError).message}`).not.toBe('INTERNAL');
      }
      expect(scratch.list().filter((name) => name !== 'out.root')).toEqual(['bad.root']);
    }
    expect(found).toBeGreaterThan(0.8 * Math.ceil(sample.length / step)); // of the rest, a date or a title is as good as another
  });
});

describe('an input that must not be read', () => {
  it.skipIf(process.getuid?.() === 0)('is named (skipped for root, who may read everything)', async () => {
    using scratch = new Scratch();
    const secret = scratch.copy('dirnames_0.root', 'secret.root');
    chmodSync(secret, 0);
    const err = await rejectionOf(PoolMergeError, merge([GOOD, secret], { output: scratch.path('out.root') }));
    expect(err).toBeInstanceOf(UnreadableFileError);
    expect(err.message).toBe(`${secret}: permission denied`);
  });
});

describe('inputs of which none is good', () => {
  it('fail with skipBad, too', async () => {
    using scratch = new Scratch();
    const bad = scratch.put('bad.root', '');
    const err = await rejectionOf(
      PoolMergeError,
      merge([bad, scratch.path('none.root')], { output: scratch.path('out.root'), skipBad: true }),
    );
    expect(err.message).toContain('none of the inputs can be read');
    expect(err.message).toContain(bad);
    expect(scratch.list()).toEqual(['bad.root']);
  });

  it('of which there are none at all are a wrong call', async () => {
    expect(await rejectionOf(PoolMergeError, merge([], { output: 'out.root' }))).toBeInstanceOf(UsageError);
    expect(await rejectionOf(PoolMergeError, planMerge([]))).toBeInstanceOf(UsageError);
  });
});

describe('a plan', () => {
  it('names a bad input like a merge, and writes nothing', async () => {
    using scratch = new Scratch();
    const bad = scratch.put('bad.root', sample.subarray(0, 500));
    expect((await rejectionOf(PoolMergeError, planMerge([GOOD, bad]))).file).toBe(bad);
    expect(scratch.list()).toEqual(['bad.root']);
  });
});
