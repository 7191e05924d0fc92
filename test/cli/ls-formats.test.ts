/** pool-ls with HDF5 and Arrow files. */
import { describe, expect, it } from 'vitest';
import { tableFileText } from '../../cli/ls-render.ts';
import { listTableFile } from '../../src/index.ts';
import { Scratch, fixture } from '../scratch.ts';
import { ipcBytes, sampleTable } from '../unit/arrow/arrow-samples.ts';

describe('a listing', () => {
  it('of an HDF5 file has its objects with type, shape and filters', async () => {
    const listing = await listTableFile(fixture('hdf5/old_0.h5'));
    expect(listing).toMatchObject({ format: 'HDF5', sizeBytes: 21_376 });
    expect(listing?.items).toHaveLength(19);
    expect(listing?.items.find(({ path }) => path === '/fixed_chunks')).toEqual({
      path: '/fixed_chunks',
      type: 'int64',
      shape: [10],
      filters: ['shuffle', 'deflate'],
    });
    const text = listing === undefined ? '' : tableFileText(listing).replaceAll(/ +/g, ' ').split('\n');
    expect(text).toEqual(
      expect.arrayContaining(
        [
          ' /matrix int16 10 x 2 x 3',
          ' /scalar float64 single value',
          ' /soft soft link /contiguous',
          ' /hard dataset, another name of /group/inner/counts',
        ].map((line) => expect.stringContaining(line.trim())),
      ),
    );
  });

  it('of an Arrow file has rows, batches and columns', async () => {
    using scratch = new Scratch();
    const listing = await listTableFile(scratch.put('a.arrow', ipcBytes(sampleTable(5), 'file')));
    expect(listing).toMatchObject({
      format: 'Arrow file',
      rowCount: 5,
      batchCount: 1,
      items: [
        { path: 'id', type: 'Int(bitWidth=32, is_signed=true)' },
        { path: 'text', type: 'Utf8' },
        { path: 'word', type: 'dictionary of Utf8' },
      ],
    });
    expect(listing === undefined ? '' : tableFileText(listing)).toContain('Arrow file, 5 rows in 1 batch, 3 columns');
    expect(await listTableFile(fixture('worker_0.root'))).toBeUndefined();
  });
});
