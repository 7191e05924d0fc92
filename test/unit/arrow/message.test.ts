/** Arrow's metadata: read, and embedded in others. */
import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/index.ts';
import { openArrowFile, parseArrowStream } from '../../../src/io/arrow/arrow-file.ts';
import { FlatTable } from '../../../src/io/arrow/flat-table.ts';
import { encodeFooter, parseFooter } from '../../../src/io/arrow/footer.ts';
import {
  batchLayout,
  encodeDictionaryMetadata,
  encodeSchemaMetadata,
  frameMetadata,
  parseFraming,
  parseMessage,
} from '../../../src/io/arrow/message.ts';
import { parseSchema } from '../../../src/io/arrow/schema.ts';
import { Scratch } from '../../scratch.ts';
import { ipcBytes, sampleTable } from './arrow-samples.ts';

const stream = ipcBytes(sampleTable(5), 'stream');
const file = parseArrowStream(stream, 'sample');

function metadataOf(kind: 'dictionary' | 'batch'): Uint8Array {
  const message = file.messages.find((each) => each.kind === kind);
  if (message === undefined) throw new Error(`no ${kind}`);
  return stream.slice(message.metadataOffset, message.metadataOffset + message.metadataBytes);
}

describe('metadata', () => {
  it('tell schema, dictionaries and batches', () => {
    expect(file.schema.fields.map(({ name, type, isNullable }) => [name, type, isNullable])).toEqual([
      ['id', 'Int(bitWidth=32, is_signed=true)', true],
      ['text', 'Utf8', true],
      ['word', 'Utf8', true],
    ]);
    expect(file.schema.fields[2]?.dictionary).toMatchObject({ indexType: 'Int(bitWidth=32, is_signed=true)', isOrdered: false });
    expect(file.messages.map(({ kind, rowCount, isDelta }) => [kind, rowCount, isDelta])).toEqual([
      ['dictionary', 3, false],
      ['batch', 5, false],
    ]);
    expect(file).toMatchObject({ format: 'stream', version: 4, hasEnd: true });
  });

  it.each([0, 7, 2 ** 40])('of a dictionary take the id %d, and stay what they are', (id) => {
    const old = metadataOf('dictionary');
    const before = parseMessage(old);
    const moved = encodeDictionaryMetadata(old, before, id);
    const after = parseMessage(moved);
    expect(after).toMatchObject({
      kind: 'dictionary',
      dictionaryId: id,
      isDelta: false,
      rowCount: 3,
      bodyBytes: before.bodyBytes,
      version: before.version,
    });
    expect(batchLayout(after)).toBe(batchLayout(before));
  });

  it('of a schema are those of a footer', () => {
    const blocks = [
      { offset: 8, metadataBytes: 120, bodyBytes: 64 },
      { offset: 192, metadataBytes: 200, bodyBytes: 2 ** 33 },
    ];
    const footer = parseFooter(encodeFooter(4, file.schemaMetadata, blocks.slice(0, 1), blocks));
    expect(footer).toMatchObject({ version: 4, dictionaries: blocks.slice(0, 1), batches: blocks, metadata: [] });
    if (footer.schema === undefined) throw new Error('no schema');
    expect(parseSchema(footer.schema)).toEqual(file.schema);
    const again = parseMessage(encodeSchemaMetadata(footer.schema.bytes, footer.schema, 4));
    expect(again).toMatchObject({ kind: 'schema', version: 4, bodyBytes: 0 });
    expect(parseSchema(again.table)).toEqual(file.schema);
  });

  it('are framed up to a multiple of 8', () => {
    const framed = frameMetadata(new Uint8Array(13).fill(9));
    expect(framed).toHaveLength(24);
    expect(parseFraming(framed)).toEqual({ prefixBytes: 8, metadataBytes: 16 });
    expect(parseFraming(new Uint8Array([16, 0, 0, 0]))).toEqual({ prefixBytes: 4, metadataBytes: 16 }); // before Arrow 0.15
  });

  it('that point outside of themselves are damaged', () => {
    expect(() => FlatTable.root(new Uint8Array(4))).toThrow(CorruptFileError);
    expect(() => FlatTable.root(new Uint8Array([255, 255, 0, 0, 0, 0, 0, 0]))).toThrow('point outside');
    for (let at = 0; at < metadataOf('batch').length; at++) {
      const bytes = metadataOf('batch');
      bytes[at] = 255;
      try {
        batchLayout(parseMessage(bytes));
      } catch (err) {
        expect(err).toMatchObject({ code: expect.stringMatching(/CORRUPT_FILE|UNSUPPORTED/) });
      }
    }
  });
});

describe('streams written before Arrow 0.15', () => {
  it('are read: four bytes of length, no continuation', () => {
    const parts = [
      file.schemaMetadata,
      ...file.messages.map(({ metadataOffset, metadataBytes }) => stream.slice(metadataOffset, metadataOffset + metadataBytes)),
    ];
    const bodies = [
      new Uint8Array(0),
      ...file.messages.map(({ bodyOffset, bodyBytes }) => stream.slice(bodyOffset, bodyOffset + bodyBytes)),
    ];
    const old = Buffer.concat([
      ...parts.flatMap((metadata, i) => [
        Uint8Array.from([metadata.length & 255, metadata.length >> 8, 0, 0]),
        metadata,
        bodies[i] ?? new Uint8Array(0),
      ]),
      new Uint8Array(4),
    ]);
    const read = parseArrowStream(old, 'old');
    expect(read.schema).toEqual(file.schema);
    expect(read.messages.map(({ kind, rowCount }) => [kind, rowCount])).toEqual([
      ['dictionary', 3],
      ['batch', 5],
    ]);
  });
});

describe('a file', () => {
  it('has a footer that agrees with its messages', () => {
    using scratch = new Scratch();
    const bytes = Buffer.from(ipcBytes(sampleTable(5), 'file'));
    const open = openArrowFile(scratch.put('a.arrow', bytes));
    expect(open).toMatchObject({ format: 'file', hasEnd: true });
    expect(open.messages).toHaveLength(2);
    open.close();
    const footerAt = bytes.length - 10 - bytes.readInt32LE(bytes.length - 10);
    bytes.writeInt32LE(footerAt, bytes.length - 10);
    expect(() => openArrowFile(scratch.put('b.arrow', bytes))).toThrow(CorruptFileError);
  });
});
