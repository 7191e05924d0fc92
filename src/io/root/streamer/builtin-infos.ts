/**
 * Built-in streamer infos: for the classes that describe classes (a file cannot describe those with themselves),
 * and for the core classes, whose infos some writers leave out.
 */
import { CORE_CLASSES } from './builtin-data.ts';
import type { StreamerElement, StreamerInfo } from './streamer-info.ts';
import { basicSize } from './type-codes.ts';

/**
 * Layout of TStreamerInfo and the elements (ROOT core/meta/src/TStreamerElement.cxx, io/io/src/TStreamerInfo.cxx,
 * their Streamer functions). One line per class: name, versions, checksum, elements as in builtin-data.ts.
 */
const BOOTSTRAP = `
TStreamerInfo	2-10	0	B|TNamed|67||1;T|fCheckSum|13;T|fClassVersion|3;p|fElements|64|TObjArray*
TStreamerElement	2	0	B|TNamed|67||1;T|fType|3;T|fSize|3;T|fArrayLength|3;T|fArrayDim|3;T|fMaxIndex|23||5;S|fTypeName|65|TString
TStreamerElement	3	0	B|TNamed|67||1;T|fType|3;T|fSize|3;T|fArrayLength|3;T|fArrayDim|3;T|fMaxIndex|23||5;S|fTypeName|65|TString;T|fXmin|8;T|fXmax|8;T|fFactor|8
TStreamerElement	4	0	B|TNamed|67||1;T|fType|3;T|fSize|3;T|fArrayLength|3;T|fArrayDim|3;T|fMaxIndex|23||5;S|fTypeName|65|TString
TStreamerBase	2	0	B|TStreamerElement|0||4
TStreamerBase	3	0	B|TStreamerElement|0||4;T|fBaseVersion|3
TStreamerBasicType	2	0	B|TStreamerElement|0||4
TStreamerObject	2	0	B|TStreamerElement|0||4
TStreamerObjectAny	1-2	0	B|TStreamerElement|0||4
TStreamerString	2	0	B|TStreamerElement|0||4
TStreamerObjectPointer	2	0	B|TStreamerElement|0||4
TStreamerObjectAnyPointer	1-2	0	B|TStreamerElement|0||4
TStreamerBasicPointer	2	0	B|TStreamerElement|0||4;T|fCountVersion|3;S|fCountName|65|TString;S|fCountClass|65|TString
TStreamerLoop	2	0	B|TStreamerElement|0||4;T|fCountVersion|3;S|fCountName|65|TString;S|fCountClass|65|TString
TStreamerSTL	2-3	0	B|TStreamerElement|0||4;T|fSTLtype|3;T|fCtype|3
TStreamerSTLstring	2	0	B|TStreamerSTL|0||3
TStreamerArtificial	0-2	0	B|TStreamerElement|0||4`;

/** Classes walked by hand whose form is known for certain: damage in them is an error, not an opaque part. */
const BY_HAND = ['TList', 'THashList', 'TObjArray', 'TMap', 'TRefArray', 'TTreeIndex'].map((name) => `\n${name}\t1-5\t0\t`).join('');

/** Element classes by their letter in the tables. */
const ELEMENT_CLASSES: Readonly<Record<string, string>> = {
  B: 'TStreamerBase',
  T: 'TStreamerBasicType',
  P: 'TStreamerBasicPointer',
  L: 'TStreamerLoop',
  O: 'TStreamerObject',
  A: 'TStreamerObjectAny',
  p: 'TStreamerObjectPointer',
  a: 'TStreamerObjectAnyPointer',
  S: 'TStreamerString',
  V: 'TStreamerSTL',
  s: 'TStreamerSTLstring',
};

const lines = new Map<string, string[]>();
const parsed = new Map<string, StreamerInfo[]>();
const NONE: readonly StreamerInfo[] = [];

/** The built-in infos of a class, newest version last; empty if the class is not built in. */
export function builtinInfos(className: string): readonly StreamerInfo[] {
  let infos = parsed.get(className);
  if (infos === undefined) {
    if (lines.size === 0) indexLines();
    const found = lines.get(className);
    if (found === undefined) return NONE;
    infos = found.flatMap(parseLine);
    parsed.set(className, infos);
  }
  return infos;
}

function indexLines(): void {
  for (const line of `${BOOTSTRAP}${BY_HAND}${CORE_CLASSES}`.split('\n')) {
    if (line === '') continue;
    const className = line.slice(0, line.indexOf('\t'));
    const known = lines.get(className);
    if (known === undefined) lines.set(className, [line]);
    else known.push(line);
  }
}

function parseLine(line: string): StreamerInfo[] {
  const [className = '', versions = '', checksum = '', elements = ''] = line.split('\t');
  const [first = 0, last = first] = versions.split('-').map(Number);
  const infos: StreamerInfo[] = [];
  for (let classVersion = first; classVersion <= last; classVersion++) {
    infos.push({
      className,
      classVersion,
      checksum: Number.parseInt(checksum, 16),
      elements: elements === '' ? [] : elements.split(';').map(parseElement),
    });
  }
  return infos;
}

function parseElement(text: string): StreamerElement {
  const [letter = '', name = '', typeText = '', typeName = '', extra = '', width = ''] = text.split('|');
  const type = Number(typeText);
  const arrayLength = type > 20 && type < 40 ? Number(extra) : 0;
  const counted = letter === 'P' || letter === 'L';
  return {
    elementClass: ELEMENT_CLASSES[letter] ?? '',
    name,
    title: '',
    type,
    size: 0,
    arrayLength,
    arrayDim: arrayLength > 0 ? 1 : 0,
    maxIndex: [],
    typeName,
    baseVersion: letter === 'B' ? Number(extra) : 0,
    countName: counted ? extra : '',
    countClass: '',
    countVersion: 0,
    stlType: letter === 'V' ? Number(extra) : 0,
    cType: letter === 'V' ? Number(width) : 0,
    storedSize: width === '' || letter === 'V' ? basicSize(type > 60 ? 0 : type % 20) : Number(width),
  };
}
