/** Classes declared in the program, held against the infos real ROOT wrote of the same classes. */
import { describe, expect, it } from 'vitest';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { parseInfoRecord } from '../../../src/io/root/streamer/parse-infos.ts';
import type { StreamerInfo } from '../../../src/io/root/streamer/streamer-info.ts';
import { classChecksum, classInfos, type ClassLayout } from '../../../src/io/root/streamer/written-class.ts';
import { fixture } from '../../scratch.ts';

function rootInfos(): StreamerInfo[] {
  using file = openRootFile(fixture('pool/index_0.root'));
  const record = file.readInfos();
  return record === undefined ? [] : parseInfoRecord(record.payload.slice(), record.key.keylen).infos;
}

/** The declaration that belongs to an info of a class whose members are as written here. */
function layoutOf({ className, classVersion, elements }: StreamerInfo): ClassLayout {
  const members = elements.map(({ name, typeName, maxIndex, arrayDim }) => ({
    name,
    typeName,
    ...(arrayDim > 0 && { shape: maxIndex.slice(0, arrayDim) }),
  }));
  return { className, classVersion, members };
}

const CLASSES = [
  'Guid',
  'DataHeader_p6',
  'DataHeader_p6::FullElement',
  'DataHeaderForm_p6',
  'DataHeaderForm_p6::DbRecord',
  'DataHeaderForm_p6::ObjRecord',
  'EventStreamInfo_p3',
  'PoolEventInfo_v1',
  'PoolTracksAux_v1',
  'PoolExtra_v1',
];

describe('a declared class', () => {
  it.each(CLASSES)('%s has the checksum and the elements ROOT gives it', (className) => {
    const theirs = rootInfos().find((info) => info.className === className);
    if (theirs === undefined) throw new Error('no info');
    const layout = layoutOf(theirs);
    expect(classChecksum(layout)).toBe(theirs.checksum);
    const [ours] = classInfos([layout]).all(className);
    // The size in memory of members that are classes is not declared, nor are comments that only repeat the type.
    const plain = ({ elements, ...info }: StreamerInfo): unknown => ({
      ...info,
      elements: elements.map((element) => ({
        ...element,
        title: '',
        size: element.elementClass === 'TStreamerObjectAny' ? 0 : element.size,
      })),
    });
    expect(ours && plain(ours)).toEqual(plain(theirs));
  });
});
