/** Damage inside baskets and pages: in a header it is always found, in compressed data with `verify: 'full'`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, merge, type MergeOptions } from '../../src/index.ts';
import { Scratch, fixture } from '../scratch.ts';
import { flipped, recordsOf, type RecordPlace } from './damage.ts';

const SAMPLE = 'worker_1.root';
const sample = readFileSync(fixture(SAMPLE));
/** Every third one: each costs a merge. */
const baskets = recordsOf(sample, 'TBasket').filter((_, i) => i % 3 === 0);
const pages = recordsOf(sample, 'RBlob');
const GOOD = fixture('worker_0.root');

/** What a merge of a good file and the damaged sample ends in: undefined, or the error. */
async function outcome(damaged: Uint8Array, options: Partial<MergeOptions> = {}, good: string = GOOD): Promise<unknown> {
  using scratch = new Scratch();
  const bad = scratch.put('bad.root', damaged);
  const err: unknown = await merge([good, bad], { output: scratch.path('out.root'), ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(scratch.list()).toEqual(err === undefined ? ['bad.root', 'out.root'] : ['bad.root']);
  return err;
}

it('there is something to damage', () => {
  expect(baskets.length).toBeGreaterThan(10);
  expect(pages.length).toBeGreaterThan(3);
});

describe('a basket', () => {
  // fNbytes, fVersion, fObjlen, fKeylen, fSeekKey: offsets in the key header; then the basket's own header at its end
  it.each([
    ['fNbytes', 3],
    ['fVersion', 5],
    ['fObjlen', 9],
    ['fKeylen', 15],
    ['fSeekKey', 21],
  ])('with damage in %s is found, whichever it is', async (_, offset) => {
    for (const { at } of baskets) {
      const err = await outcome(flipped(sample, at + offset));
      expect(err, `basket at ${at}`).toBeInstanceOf(CorruptFileError);
      expect((err as CorruptFileError).message).toMatch(/bad\.root: \/events/);
    }
  });

  it.each([
    ['fBufferSize, fNevBufSize, fNevBuf, fLast: 9 bytes hadd copies without a word', 17, 9],
    ['fNevBuf', 9, 4],
    ['fLast', 5, 4],
  ])('with damage in %s is found', async (_, back, count) => {
    for (const { at, keylen } of baskets) {
      const err = await outcome(flipped(sample, at + keylen - back, count));
      expect(err, `basket at ${at}`).toBeInstanceOf(CorruptFileError);
      expect((err as CorruptFileError).message).toMatch(/bad\.root: \/events/);
    }
  });

  it.each(['codec_101.root', 'codec_207.root', 'codec_404.root'])(
    'with damage in its compressed data (%s) is found by full verification',
    async (name) => {
      const bytes = readFileSync(fixture(name));
      const compressed = recordsOf(bytes, 'TBasket').filter(({ nbytes, keylen, objlen }) => nbytes - keylen < objlen);
      expect(compressed.length).toBeGreaterThan(2);
      for (const { at, keylen, nbytes } of compressed) {
        const damaged = flipped(bytes, at + Math.floor((keylen + nbytes) / 2), 3);
        const err = await outcome(damaged, { verify: 'full' }, fixture('codec_0.root'));
        expect(err, `basket at ${at}`).toBeInstanceOf(CorruptFileError);
        expect((err as CorruptFileError).message).toMatch(/bad\.root: \/tree/);
      }
    },
  );

  it('with damage in its compressed data is found when it is compressed anew', async () => {
    const bytes = readFileSync(fixture('codec_101.root'));
    const { at, keylen, nbytes } = recordsOf(bytes, 'TBasket').find(
      (basket) => basket.nbytes - basket.keylen < basket.objlen,
    ) as RecordPlace;
    const err = await outcome(flipped(bytes, at + Math.floor((keylen + nbytes) / 2), 3), { compression: 505 }, fixture('codec_0.root'));
    expect(err).toBeInstanceOf(CorruptFileError);
  });

  it('with any damage leaves its file out as a whole with skipBad', async () => {
    using scratch = new Scratch();
    const { at } = baskets[3] as RecordPlace;
    const bad = scratch.put('bad.root', flipped(sample, at + 9));
    const report = await merge([GOOD, bad, GOOD], { output: scratch.path('out.root'), skipBad: true });
    await merge([GOOD, GOOD], { output: scratch.path('without.root') });
    expect(report.inputs.filter((input) => input.status === 'skipped').map((input) => input.path)).toEqual([bad]);
    expect(readFileSync(scratch.path('out.root')).equals(readFileSync(scratch.path('without.root')))).toBe(true);
  });
});

it('entry offsets of a basket that do not ascend are found by full verification, though no checksum covers them', async () => {
  using scratch = new Scratch();
  const raw = scratch.path('raw.root');
  await merge([fixture('flat_0.root')], { output: raw, compression: 0 });
  const bytes = readFileSync(raw);
  // fNevBufSize and fNevBuf of a basket whose entries vary: offsets fill the payload's end, behind their number
  const varying = recordsOf(bytes, 'TBasket').filter(({ at, keylen, objlen }) => {
    const [entries, dataBytes] = [bytes.readInt32BE(at + keylen - 9), bytes.readInt32BE(at + keylen - 5) - keylen];
    return entries > 2 && objlen === dataBytes + 4 * (entries + 2);
  });
  expect(varying.length).toBeGreaterThan(0);
  const { at, nbytes } = varying[0] as RecordPlace;
  const err = await outcome(flipped(bytes, at + nbytes - 12, 1), { verify: 'full' }, fixture('flat_1.root'));
  expect(err).toMatchObject({ code: 'CORRUPT_FILE', reason: expect.stringMatching(/^entry offsets of a basket do not ascend/) as string });
  expect((err as CorruptFileError).message).toMatch(/bad\.root: \/tree;1: branch /);
});

describe('an RNTuple', () => {
  it('with damage in any of its records is found by full verification', async () => {
    for (const { at, keylen, nbytes } of pages) {
      const err = await outcome(flipped(sample, at + Math.floor((keylen + nbytes) / 2), 2), { verify: 'full' });
      expect(err, `record at ${at}`).toBeInstanceOf(CorruptFileError);
      expect((err as CorruptFileError).message).toMatch(/bad\.root: \/hits/);
    }
  });
});
