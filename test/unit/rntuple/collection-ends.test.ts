/** Ends of collections and switches of variants that contradict the elements they are of: found by full verification. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { xxh3 } from '../../../src/io/codec/hash.ts';
import { CollectionEnds } from '../../../src/io/root/rntuple/collection-ends.ts';
import { ElementCounter, columnTraits } from '../../../src/io/root/rntuple/element-counter.ts';
import { columnsOfField, findField } from '../../../src/io/root/rntuple/field-values.ts';
import { readClusters } from '../../../src/io/root/rntuple/rntuple.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch } from '../../scratch.ts';
import { SAMPLES, openTuple, sample } from './tuple-contents.ts';

/** A copy of a sample with nothing compressed, in which bytes of the first page of a field's first column are changed and sealed. */
function changed(scratch: Scratch, name: string, field: string, change: (page: DataView) => void): string {
  const { file, tuple } = openTuple(sample(name));
  const [column] = columnsOfField(tuple, findField(tuple, field.split('.')) ?? -1);
  const [cluster] = readClusters(tuple.source, new ElementCounter(columnTraits(tuple.footer.schema)));
  file.close();
  const page = cluster?.pageStart[column ?? -1] ?? -1;
  const [offset, bytes] = [cluster?.offset[page] ?? 0, cluster?.storedBytes[page] ?? 0];
  const copy = readFileSync(sample(name));
  change(new DataView(copy.buffer, copy.byteOffset + offset, bytes));
  if (cluster?.checksumBytes[page] !== 0) copy.writeBigUInt64LE(xxh3(copy.subarray(offset, offset + bytes)), offset + bytes);
  return scratch.put('bad.root', copy);
}

const addToLast = (page: DataView): void => {
  const at = page.byteLength - 8;
  page.setBigUint64(at, page.getBigUint64(at, true) + 1n, true);
};

it.each(SAMPLES)('of %s fit', (name) => {
  const { file, tuple } = openTuple(sample(name));
  const { source, footer } = tuple;
  const ends = new CollectionEnds({ source, schema: footer.schema });
  const counter = new ElementCounter(columnTraits(footer.schema));
  for (const cluster of readClusters(source, counter)) ends.check(cluster, counter);
  file.close();
});

describe('full verification', () => {
  it.each([
    [
      'types_0',
      'vv',
      addToLast,
      /^RNTuple field vv: its collections end elsewhere than the elements of column \d+: expected 49, found 50$/,
    ],
    ['types_0', 'vv._0', addToLast, /^RNTuple field vv\._0: its collections end elsewhere/],
    ['types_0', 'vv', (page: DataView) => page.setUint8(7, 1), /^RNTuple column \d+: ends of collections do not ascend/],
    ['kinds_0', 'lists._0', addToLast, /^RNTuple field lists\._0: its collections end elsewhere/],
    ['kinds_0', 'maybe', addToLast, /^RNTuple field maybe: its collections end elsewhere/],
    ['kinds_0', 'parts._1._1', addToLast, /^RNTuple field parts\._1\._1: its collections end elsewhere/],
    [
      'kinds_0',
      'either',
      (page: DataView) => page.setBigUint64(0, 1000n, true),
      /^RNTuple field either: element of alternative \d that is not there: expected below \d+, found 1000$/,
    ],
    [
      'kinds_0',
      'each._0',
      (page: DataView) => page.setUint32(8, 3, true),
      /^RNTuple field each\._0: element of alternative 3 that is not there/,
    ],
  ])('%s: refuses another %s', async (name, field, change, reason) => {
    using scratch = new Scratch();
    const bad = changed(scratch, name, field, change);
    const output = scratch.path('out.root');
    await expect(merge([sample(name), bad], { output, verify: 'full' })).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      file: bad,
      objectPath: '/nt;1',
      reason: expect.stringMatching(reason) as string,
    });
    const { inputs } = await merge([sample(name), bad], { output, verify: 'full', skipBad: true });
    expect(inputs.map(({ status }) => status)).toEqual(['merged', 'skipped']);
  });
});
