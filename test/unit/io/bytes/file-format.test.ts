import { describe, expect, it } from 'vitest';
import { fileFormatOf } from '../../../../src/io/bytes/file-format.ts';
import { Scratch, fixture } from '../../../scratch.ts';
import { ipcBytes, plainTable } from '../../arrow/arrow-samples.ts';

const HDF5 = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

describe('the format of a file', () => {
  it.each([
    ['ROOT', 'root\0\0\xf3', 'root'],
    ['an Arrow file', ipcBytes(plainTable(1), 'file'), 'arrow'],
    ['an Arrow stream', ipcBytes(plainTable(1), 'stream'), 'arrow'],
    ['HDF5', HDF5, 'hdf5'],
    ['HDF5 behind a user block', Buffer.concat([Buffer.alloc(2048, 1), HDF5]), 'hdf5'],
    ['Parquet', 'PAR1...', 'parquet'],
    ['old Feather', 'FEA1...', 'feather1'],
    ['text', 'hello, this is text', undefined],
    ['nothing', '', undefined],
    ['a signature that is cut', '\x89HDF', undefined],
    ['four bytes that an Arrow stream has, too', new Uint8Array(100).fill(255), undefined],
    ['HDF5 where no user block ends', Buffer.concat([Buffer.alloc(100, 1), HDF5]), undefined],
  ])('%s', (_, bytes, format) => {
    using scratch = new Scratch();
    expect(fileFormatOf(scratch.put('file', typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes))).toBe(format);
  });

  it('is not known of what cannot be read', () => {
    expect(fileFormatOf('/no/such/file')).toBeUndefined();
    expect(fileFormatOf(fixture(''))).toBeUndefined();
  });
});
