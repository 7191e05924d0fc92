/** Damaged inputs of POOL merges that no reference tells of: counts of rows, members of metadata. */
import { readFileSync } from 'node:fs';
import { deflateSync, inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { MergeConflictError, planMerge } from '../../../../src/index.ts';
import { BRANCH } from '../../../../src/io/root/tree/scan-layout.ts';
import { placeOf } from '../../../faults/damage.ts';
import { Scratch } from '../../../scratch.ts';
import { mergeTo, treeOf, withPool, workers } from './pool-files.ts';

/** Bytes in front of a compressed block: two letters, method, both sizes in three bytes each. */
const BLOCK_HEAD = 9;

/** A file of zlib blocks with another payload of one record: packed better than before, with a gap behind it. */
function withPayload(path: string, name: string, change: (payload: Buffer) => void): Buffer {
  const bytes = readFileSync(path);
  const { seekKey, keylen, nbytes } = placeOf(path, name);
  const key = Buffer.from(bytes.subarray(seekKey, seekKey + keylen));
  const block = seekKey + keylen;
  const payload = inflateSync(bytes.subarray(block + BLOCK_HEAD, seekKey + nbytes));
  change(payload);
  const packed = deflateSync(payload, { level: 9 });
  const packedBytes = keylen + BLOCK_HEAD + packed.length;
  expect(nbytes - packedBytes).toBeGreaterThanOrEqual(4);
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) bytes.writeInt32BE(packedBytes, at);
  bytes.writeUIntLE(packed.length, block + 3, 3);
  packed.copy(bytes, block + BLOCK_HEAD);
  bytes.writeInt32BE(packedBytes - nbytes, seekKey + packedBytes);
  return bytes;
}

it('a wrong count of headers makes no rows in trees that the input lacks: the headers are the conflict', async () => {
  using scratch = new Scratch();
  const [whole, lacking] = workers('single') as [string, string];
  const at = withPool(lacking, ({ containers }) => {
    const tree = treeOf(containers, 'POOLContainer');
    return tree.scan.branches.offset(tree.branch('DataHeader') as number, BRANCH.fEntries);
  });
  const damaged = scratch.put(
    'damaged.root',
    withPayload(lacking, 'POOLContainer', (payload) => payload.writeBigInt64BE(1n << 52n, at)),
  );
  withPool(damaged, ({ containers }) => expect(containers.find('POOLContainer(DataHeader)')?.rowCount).toBe(2 ** 52));
  const { conflicts } = await planMerge([whole, damaged]);
  expect(conflicts.some(({ code, reason }) => code === 'pool-reference' && reason.startsWith('/POOLContainer;1: '))).toBe(true);
  await expect(mergeTo(scratch.path('out.root'), [whole, damaged])).rejects.toThrow(MergeConflictError);
});

it('metadata whose members are not the known ones are not summed, and that is told', async () => {
  using scratch = new Scratch();
  const [first, second] = workers('single') as [string, string];
  const other = scratch.put(
    'other.root',
    withPayload(first, 'MetaData', (payload) => {
      for (let at = payload.indexOf('m_itemList'); at >= 0; at = payload.indexOf('m_itemList', at + 1)) {
        payload.write('m_itemLast', at, 'latin1');
      }
    }),
  );
  const { diagnostics } = await mergeTo(scratch.path('out.root'), [other, second], { metadata: 'sum' });
  expect(diagnostics.filter(({ message }) => message.includes('not stored as known')).map(({ code, path }) => [code, path])).toEqual([
    ['pool-metadata-not-summed', '/MetaData/EventStreamInfo_p3_StreamFixture'],
    ['pool-metadata-not-summed', '/MetaData/EventStreamInfo_p1_StreamOld'],
  ]);
});

it('containers of keys that two inputs have are refused by name: their rows have equal names', async () => {
  using scratch = new Scratch();
  const inputs = await Promise.all(
    workers('p5', 2).map(async (worker, i) => {
      const path = scratch.path(`in${i}.root`);
      await mergeTo(path, [worker], { compression: 0 });
      const bytes = readFileSync(path);
      const link = '[CNT=MetaData(PoolFileInfo_v1/FileInfo)]';
      const at = bytes.indexOf(link, bytes.indexOf('##Links'));
      bytes.write('[CNT=Monitoring/'.padEnd(link.length - 1, 'k'), at, 'latin1');
      bytes.write('00000201', bytes.indexOf('[TECH=', at) + '[TECH='.length, 'latin1');
      return scratch.put(`keys${i}.root`, bytes);
    }),
  );
  const { conflicts } = await planMerge(inputs);
  expect(conflicts.filter(({ code }) => code === 'unsupported').map(({ reason }) => reason)).toEqual([
    `has the container Monitoring/${'k'.repeat(23)} of keys (technology 201), as ${inputs[0]} has: its rows are not moved`,
  ]);
});
