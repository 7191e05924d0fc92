/** Damage in streamer infos and key lists: what the file says of its own classes. Never an internal error, never without a name. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PoolMergeError, diffFiles, listFile, merge, planMerge } from '../../src/index.ts';
import { xxh3 } from '../../src/io/codec/hash.ts';
import { Scratch, fixture } from '../scratch.ts';
import { keyListAt, placeOf, recordsOf, type RecordPlace } from './damage.ts';
import { rejectionOf } from '../thrown.ts';

/** A copy of a fixture with nothing compressed, in which a text is replaced by one of equal length. */
async function altered(scratch: Scratch, name: string, from: string, to: string): Promise<string> {
  const raw = scratch.path('raw.root');
  await merge([fixture(name)], { output: raw, force: true, compression: 0 });
  const bytes = readFileSync(raw);
  let at = bytes.indexOf(from);
  expect(at).toBeGreaterThan(0);
  for (; at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at);
  return scratch.put('bad.root', bytes);
}

describe('streamer infos', () => {
  it('that cannot be read are told with file and record, whoever reads them', async () => {
    using scratch = new Scratch();
    const bad = await altered(scratch, 'worker_0.root', 'TStreamerInfo\0', 'TStreamerInf\0\0');
    const works = [
      () => planMerge([bad]),
      () => merge([bad], { output: scratch.path('out.root') }),
      () => listFile(bad),
      () => diffFiles(bad, fixture('worker_0.root')),
    ];
    for (const work of works) {
      const err = await rejectionOf(PoolMergeError, work);
      expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: bad, objectPath: 'StreamerInfo' });
    }
    expect(scratch.list()).not.toContain('out.root');
  });

  it.each([
    ['worker_0.root', 'fNbins\0', 'xNbins\0'],
    ['worker_0.root', 'fClusterSize', 'xClusterSize'],
    ['worker_0.root', 'fBasketSeek', 'xBasketSeek'],
    ['hists_0.root', 'fXaxis', 'xXaxis'],
  ])('of %s without %s are refused: no internal error', async (name, from, to) => {
    using scratch = new Scratch();
    const bad = await altered(scratch, name, from.replace('\0', ''), to.replace('\0', ''));
    const err = await rejectionOf(PoolMergeError, () => merge([bad, bad], { output: scratch.path('out.root') }));
    expect(err.code).toMatch(/^(UNSUPPORTED|CORRUPT_FILE|MERGE_CONFLICT)$/);
    expect(err.message).toContain(bad);
    expect(scratch.list()).not.toContain('out.root');
  });
});

describe('another class name', () => {
  async function withOtherClass(scratch: Scratch, inRecordToo: boolean): Promise<{ raw: string; other: string }> {
    const raw = scratch.path('raw.root');
    await merge([fixture('others_0.root')], { output: raw });
    const bytes = readFileSync(raw);
    const [record, listed] = [bytes.indexOf('TNamed\x04note'), bytes.lastIndexOf('TNamed\x04note')];
    expect(listed).toBeGreaterThan(record);
    for (const at of inRecordToo ? [record, listed] : [listed]) bytes.write('TNamee', at);
    return { raw, other: scratch.put('other.root', bytes) };
  }

  it('makes another object: equal bytes are no reason to drop it', async () => {
    using scratch = new Scratch();
    const { raw, other } = await withOtherClass(scratch, true);
    const report = await merge([raw, other], { output: scratch.path('out.root') });
    expect(report.targets.find(({ path }) => path === '/note')).toMatchObject({ disposition: 'cycles', cycles: 2 });
  });

  it.each([{}, { verify: 'full' as const }])('in the key list alone is damage: %j', async (options) => {
    using scratch = new Scratch();
    const { raw, other } = await withOtherClass(scratch, false);
    for (const inputs of [[raw, other], [other]]) {
      const err = await rejectionOf(PoolMergeError, () => merge(inputs, { output: scratch.path('out.root'), ...options }));
      expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: other, objectPath: '/note;1' });
      expect(err.reason).toMatch(/^fClassName of the record differs from the key list/);
    }
  });
});

it('a plan refuses what a merge refuses: options of POOL files for others', async () => {
  await expect(planMerge([fixture('hists_0.root')], { metadata: 'sum' })).rejects.toThrow('option metadata: the inputs are no POOL files');
});

it('a compression that nobody knows is told with the file whose header has it', async () => {
  using scratch = new Scratch();
  const bytes = readFileSync(fixture('hists_0.root'));
  bytes.writeInt32BE(2_490_873, 33); // fCompress of a header with 32-bit seeks
  const bad = scratch.put('bad.root', bytes);
  const err = await rejectionOf(PoolMergeError, () => merge([bad, fixture('hists_1.root')], { output: scratch.path('out.root') }));
  expect(err).toMatchObject({ code: 'UNSUPPORTED', file: bad, reason: 'compression setting 2490873: unknown algorithm' });
  expect(scratch.list()).toEqual(['bad.root']);
});

it('a record with another date than the key list says is damage in the input, not in the output', async () => {
  using scratch = new Scratch();
  const { seekKey } = placeOf(fixture('others_0.root'), 'note');
  const bytes = readFileSync(fixture('others_0.root'));
  bytes.writeUInt8(bytes.readUInt8(seekKey + 13) ^ 1, seekKey + 13);
  const bad = scratch.put('bad.root', bytes);
  const err = await rejectionOf(PoolMergeError, () => merge([bad], { output: scratch.path('out.root') }));
  expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: bad, objectPath: '/note;1', offset: seekKey });
  expect(err.reason).toMatch(/^fDatime of the record differs from the key list/);
});

it('any byte changed in an uncompressed file ends in an error that names the file, or in a merge', async () => {
  using scratch = new Scratch();
  const raw = scratch.path('raw.root');
  await merge([fixture('meta_0.root')], { output: raw, compression: 0 });
  const good = readFileSync(raw);
  let errors = 0;
  for (let at = 200; at < good.length; at += 97) {
    const bytes = Buffer.from(good);
    bytes[at] = at % 2 === 0 ? 0xff : 0;
    const bad = scratch.put('bad.root', bytes);
    const err = await rejectionOf(PoolMergeError, () =>
      planMerge([raw, bad]).then(({ conflicts }) => expect(conflicts.every(({ file }) => file !== '')).toBe(true)),
    ).catch(() => undefined);
    if (err === undefined) continue;
    errors++;
    expect(err, `byte ${at}: ${String(err)}`).toMatchObject({
      code: expect.stringMatching(/^(CORRUPT_FILE|UNSUPPORTED)$/) as string,
      file: bad,
    });
  }
  expect(errors).toBeGreaterThan(15);
});

it('a basket at a negative place, or of negative length, is named', async () => {
  using scratch = new Scratch();
  const raw = scratch.path('raw.root');
  await merge([fixture('clusters_0.root')], { output: raw, compression: 0 });
  const good = readFileSync(raw);
  const [basket] = recordsOf(good, 'TBasket');
  const place = (basket as RecordPlace).at;
  const seek = Buffer.alloc(8);
  seek.writeBigInt64BE(BigInt(place));
  const at = good.lastIndexOf(seek); // in fBasketSeek of the tree, which stands behind its baskets
  expect(at).toBeGreaterThan(place);
  const bytes = Buffer.from(good);
  bytes.writeBigInt64BE(-5n, at);
  const bad = scratch.put('bad.root', bytes);
  const err = await rejectionOf(PoolMergeError, () => merge([bad], { output: scratch.path('out.root') }));
  expect(err).toMatchObject({
    code: 'CORRUPT_FILE',
    file: bad,
    reason: expect.stringMatching(/branch \w+: basket 0 has no place in the file: expected an offset, found -5/) as string,
  });
});

it('an array of more objects than a file could hold is no reason to make room for them', async () => {
  using scratch = new Scratch();
  const raw = scratch.path('raw.root');
  await merge([fixture('hists_0.root')], { output: raw, compression: 0 });
  const bytes = readFileSync(raw);
  const title = 'Bin edges array in X'; // of TAxis.fXbins; fType, fSize and fArrayLength follow
  const at = bytes.indexOf(title) + title.length;
  expect([bytes.readInt32BE(at), bytes.readInt32BE(at + 8)]).toEqual([62, 0]);
  bytes.writeInt32BE(0x4700_0000, at + 8);
  const bad = scratch.put('bad.root', bytes);
  const err = await rejectionOf(PoolMergeError, () => planMerge([raw, bad]));
  expect(err).toMatchObject({
    code: 'CORRUPT_FILE',
    file: bad,
    reason: expect.stringContaining('member fXbins is an array of too many objects') as string,
  });
});

it('streamer infos inside of an RNTuple that cannot be read are told with file and object, though all checksums are right', async () => {
  using scratch = new Scratch();
  const raw = scratch.path('raw.root');
  await merge([fixture('rntuple/streamed.root')], { output: raw, compression: 0 });
  const bytes = readFileSync(raw);
  const footer = recordsOf(bytes, 'RBlob').find(({ at, nbytes }) =>
    bytes.subarray(at, at + nbytes).includes('TStreamerInfo'),
  ) as RecordPlace;
  const [from, to] = [footer.at + footer.keylen, footer.at + footer.nbytes - 8];
  bytes.write('TStreamerInf\0', bytes.indexOf('TStreamerInfo', from), 'latin1');
  bytes.writeBigUInt64LE(xxh3(bytes.subarray(from, to)), to);
  const bad = scratch.put('bad.root', bytes);
  const err = await rejectionOf(PoolMergeError, () => planMerge([raw, bad]));
  expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: bad, objectPath: expect.stringMatching(/^\/\w+;1$/) as string });
});

it('a name that only the key list has is damage, not another object beside the one that it was', async () => {
  using scratch = new Scratch();
  const bytes = readFileSync(fixture('worker_0.root'));
  const listed = bytes.lastIndexOf('p1_weighted');
  expect(bytes.indexOf('p1_weighted')).toBeLessThan(listed);
  bytes.write('p1_weighteD', listed);
  const bad = scratch.put('bad.root', bytes);
  for (const inputs of [[bad], [bad, fixture('worker_1.root')]]) {
    const err = await rejectionOf(PoolMergeError, () => merge(inputs, { output: scratch.path('out.root') }));
    expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: bad, objectPath: '/monitoring/p1_weighteD;1' });
    expect(err.reason).toBe('fName of the record differs from the key list: expected p1_weighteD, found p1_weighted');
  }
});

it('a directory of another name than its record says is damage', async () => {
  using scratch = new Scratch();
  const bytes = readFileSync(fixture('worker_0.root'));
  bytes.write('monitorinG', bytes.lastIndexOf('monitoring'));
  const bad = scratch.put('bad.root', bytes);
  const err = await rejectionOf(PoolMergeError, () => listFile(bad));
  expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: bad, objectPath: '/monitorinG;1' });
  expect(err.reason).toBe('fName of the record differs from the key list: expected monitorinG, found monitoring');
});

it('a key list that counts fewer keys than it holds is damage, not a smaller file', async () => {
  using scratch = new Scratch();
  const bytes = readFileSync(fixture('others_0.root'));
  const { seekKeys, keylen } = keyListAt(fixture('others_0.root'));
  const count = bytes.readInt32BE(seekKeys + keylen);
  bytes.writeInt32BE(count - 1, seekKeys + keylen);
  const bad = scratch.put('bad.root', bytes);
  const err = await rejectionOf(PoolMergeError, () => merge([bad], { output: scratch.path('out.root') }));
  expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: bad, expected: `more than ${count - 1}`, found: count - 1 });
  expect(err.reason).toMatch(/^key list counts fewer keys than it holds: \w+;\d+ is left/);
});

it('a compression of a branch that nobody knows is told with file and tree', async () => {
  using scratch = new Scratch();
  const raw = scratch.path('raw.root');
  await merge([fixture('clusters_0.root')], { output: raw, compression: 0 });
  const bytes = readFileSync(raw);
  // TBranch::fCompress is followed by fBasketSize and fEntryOffsetLen
  const pattern = Buffer.from([0, 0, 0, 0, 0, 0, 0x7d, 0, 0, 0, 0, 0]);
  const at = bytes.lastIndexOf(pattern);
  expect(at).toBeGreaterThan(0);
  bytes.writeInt32BE(65_501, at);
  const bad = scratch.put('bad.root', bytes);
  const err = await rejectionOf(PoolMergeError, () => merge([bad], { output: scratch.path('out.root'), compression: 'first' }));
  expect(err.message).toMatch(
    /^1 conflict, nothing was written\n {2}\/\w+ \(TTree\): .*bad\.root: compression setting 65501: unknown algorithm$/,
  );
});

it('an object whose parts contradict each other is found by full verification, though it is only copied', async () => {
  using scratch = new Scratch();
  const raw = scratch.path('raw.root');
  await merge([fixture('others_0.root')], { output: raw, compression: 0 });
  const { seekKey, keylen } = placeOf(raw, 'note');
  const bytes = readFileSync(raw);
  bytes.writeUInt8(bytes.readUInt8(seekKey + keylen + 3) ^ 1, seekKey + keylen + 3); // the last byte of the byte count
  const bad = scratch.put('bad.root', bytes);
  const output = scratch.path('out.root');
  const err = await rejectionOf(PoolMergeError, () => merge([fixture('others_1.root'), bad], { output, verify: 'full' }));
  expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: bad, objectPath: '/note;1' });
  expect(err.reason).toMatch(/byte count/);
  expect(scratch.list()).not.toContain('out.root');
  const { inputs } = await merge([fixture('others_1.root'), bad], { output, verify: 'full', skipBad: true });
  expect(inputs.map(({ status, reason }) => [status, reason])).toEqual([
    ['merged', undefined],
    ['skipped', `/note;1: ${err.reason}`],
  ]);
});
