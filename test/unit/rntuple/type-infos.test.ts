/** Streamer infos of streamed fields: every input's classes are in the one list that readers find. */
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../../src/errors.ts';
import { LittleEndianReader, LittleEndianWriter } from '../../../src/io/bytes/little-endian.ts';
import { openList, openRecord, writeListFrame, writeRecordFrame } from '../../../src/io/root/rntuple/envelope.ts';
import { emptySchema, parseSchemaDescription, type ExtraTypeInfo } from '../../../src/io/root/rntuple/schema.ts';
import { TypeInfoUnion, withStreamerInfos } from '../../../src/io/root/rntuple/type-infos.ts';
import { parseInfoRecord } from '../../../src/io/root/streamer/parse-infos.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch } from '../../scratch.ts';
import { openTuple, sample } from './tuple-contents.ts';

/** Bytes of a content before its TList. */
const HEAD_BYTES = 14;

function infosOf(path: string): ExtraTypeInfo[] {
  const { file, tuple } = openTuple(path);
  file.close();
  return tuple.footer.schema.extraTypeInfos;
}

function classesIn(path: string): string[][] {
  return infosOf(path).map(({ content }) => parseInfoRecord(content.subarray(HEAD_BYTES), HEAD_BYTES).infos.map((info) => info.className));
}

async function classesOfMerge(...names: string[]): Promise<string[][]> {
  using scratch = new Scratch();
  const output = scratch.path('merged.root');
  await merge(names.map(sample), { output });
  return classesIn(output);
}

describe('streamer infos of merged RNTuples', () => {
  it('are those of all inputs, each once, in order of first appearance', async () => {
    expect(classesIn(sample('listed_named'))).toEqual([['TNamed']]);
    expect(classesIn(sample('listed_points'))).toEqual([['TVector2']]);
    expect(await classesOfMerge('listed_named', 'listed_points', 'listed_named')).toEqual([['TNamed', 'TVector2']]);
    expect(await classesOfMerge('listed_points', 'listed_named', 'listed_empty')).toEqual([['TVector2', 'TNamed']]);
  });

  it('are added where the first input has none, and absent where nobody has any', async () => {
    expect(classesIn(sample('listed_empty'))).toEqual([]);
    expect(await classesOfMerge('listed_empty', 'listed_points')).toEqual([['TVector2']]);
    expect(await classesOfMerge('listed_empty', 'listed_empty')).toEqual([]);
  });

  it('keep their bytes when nothing is added', () => {
    const infos = infosOf(sample('listed_named'));
    const union = new TypeInfoUnion();
    for (let i = 0; i < 2; i++) union.add(infos);
    expect(union.content()).toEqual(infos[0]?.content);
  });

  it('are refused in another form than a TList', () => {
    const [info] = infosOf(sample('listed_named')) as [ExtraTypeInfo];
    const content = Uint8Array.from(info.content);
    content[8] = 0x58;
    expect(() => new TypeInfoUnion().add([{ ...info, content }])).toThrow(UnsupportedError);
    expect(() => new TypeInfoUnion().add([{ ...info, typeName: 'T' }])).toThrow(UnsupportedError);
    expect(() => new TypeInfoUnion().add([{ ...info, contentId: 1, content }])).not.toThrow();
  });
});

describe('withStreamerInfos', () => {
  it('replaces streamer infos and keeps fields and other extra type information', () => {
    const w = new LittleEndianWriter(64);
    writeRecordFrame(w, () => {
      for (let i = 0; i < 2; i++) writeListFrame(w, 0, () => undefined);
      writeListFrame(w, 1, () => writeRecordFrame(w, () => [3, 4].forEach((id) => w.u32(id))));
      writeListFrame(w, 2, () => {
        for (const [id, text] of [
          [0, 'old'],
          [7, 'kept'],
        ] as const) {
          writeRecordFrame(w, () => {
            w.u32(id);
            w.u32(1);
            w.string('T');
            w.string(text);
          });
        }
      });
    });
    const schema = emptySchema();
    parseSchemaDescription(openRecord(new LittleEndianReader(withStreamerInfos(w.done(), Buffer.from('new')))), schema);
    expect(schema.aliases).toEqual([{ physicalId: 3, fieldId: 4 }]);
    expect(schema.extraTypeInfos.map(({ contentId, typeName, content }) => [contentId, typeName, Buffer.from(content).toString()])).toEqual(
      [
        [7, 'T', 'kept'],
        [0, '', 'new'],
      ],
    );
  });

  it('begins the lists of an empty extension', () => {
    const w = new LittleEndianWriter(8);
    writeRecordFrame(w, () => undefined);
    const record = openRecord(new LittleEndianReader(withStreamerInfos(w.done(), Buffer.from('new'))));
    expect([0, 1, 2, 3].map(() => openList(record).count)).toEqual([0, 0, 0, 1]);
    expect(record.remaining).toBe(0);
  });
});
