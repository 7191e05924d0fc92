/** Streamer infos made by hand, for tests. */
import { NO_OWN_MEMBERS, type StreamerElement, type StreamerInfo } from '../../../src/io/root/streamer/streamer-info.ts';
import { TypeCode, basicSize } from '../../../src/io/root/streamer/type-codes.ts';

/** An element; what is not given is empty. */
export function element(name: string, type: number, given: Partial<StreamerElement> = {}): StreamerElement {
  const code = type > 60 ? 0 : type % 20;
  return {
    ...NO_OWN_MEMBERS,
    elementClass: 'TStreamerBasicType',
    name,
    title: '',
    type,
    size: 0,
    arrayLength: 0,
    arrayDim: 0,
    maxIndex: [],
    typeName: '',
    storedSize: basicSize(code),
    ...given,
  };
}

export function base(className: string, baseVersion: number): StreamerElement {
  const type = className === 'TObject' ? TypeCode.tobject : className === 'TNamed' ? TypeCode.tnamed : TypeCode.base;
  return element(className, type, { elementClass: 'TStreamerBase', baseVersion, storedSize: 0 });
}

export function info(className: string, elements: StreamerElement[], classVersion = 1, checksum = 0x1234_5678): StreamerInfo {
  return { className, classVersion, checksum, elements };
}
