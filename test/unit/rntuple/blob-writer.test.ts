import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { UnsupportedError } from '../../../src/errors.ts';
import { createSink } from '../../../src/io/bytes/sink.ts';
import { BigEndianReader } from '../../../src/io/bytes/big-endian.ts';
import { parseKey } from '../../../src/io/root/container/key.ts';
import { BLOB_KEY_BYTES } from '../../../src/io/root/rntuple/blob.ts';
import { RootFileWriter } from '../../../src/io/root/root-file-writer.ts';
import { BlobWriter } from '../../../src/io/root/rntuple/blob-writer.ts';
import { Scratch } from '../../scratch.ts';

const options = { datime: 77, compression: 505, uuidOf: () => new Uint8Array(16) };

it('writes keys as ROOT does, before or after the payload is known', () => {
  using scratch = new Scratch();
  using sink = createSink(scratch.path('x.root'));
  const writer = new RootFileWriter(sink, options);
  const blobs = new BlobWriter(writer);
  const at = blobs.write(new Uint8Array([1, 2, 3]));
  const begun = blobs.begin();
  sink.append(new Uint8Array(10));
  blobs.finish(begun);
  sink.flush();
  const bytes = readFileSync(sink.tempPath);
  const common = {
    version: 1004,
    datime: 77,
    keylen: BLOB_KEY_BYTES,
    cycle: 1,
    pidOffset: 0,
    seekPdir: 100,
    className: 'RBlob',
    name: '',
    title: '',
  };
  expect(parseKey(new BigEndianReader(bytes, at - BLOB_KEY_BYTES))).toEqual({
    ...common,
    nbytes: 45,
    objlen: 3,
    seekKey: at - BLOB_KEY_BYTES,
  });
  expect(begun).toBe(at + 3);
  expect(parseKey(new BigEndianReader(bytes, begun))).toEqual({ ...common, nbytes: 52, objlen: 10, seekKey: begun });
});

it('fits pieces into blobs of limited size', () => {
  using scratch = new Scratch();
  using sink = createSink(scratch.path('x.root'));
  const blobs = new BlobWriter(new RootFileWriter(sink, options), 100);
  const pieces = Float64Array.of(40, 60, 1, 100, 30);
  const fits: [number, number][] = [];
  for (let from = 0; from < pieces.length;) {
    const { to, bytes } = blobs.fit(pieces, from, pieces.length);
    fits.push([to - from, bytes]);
    from = to;
  }
  expect(fits).toEqual([
    [2, 100],
    [1, 1],
    [1, 100],
    [1, 30],
  ]);
  expect(() => blobs.fit(Float64Array.of(101), 0, 1)).toThrow(UnsupportedError);
  expect(() => blobs.write(new Uint8Array(101))).toThrow(/101 bytes exceeds the largest key \(100 bytes\)/);
});
