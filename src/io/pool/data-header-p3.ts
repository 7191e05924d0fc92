/**
 * DataHeader_p3 and _p4 (about 2008 to 2009): everything in the header, no form.
 *
 *   m_DataHeader       elements: m_clids, m_token, m_alias, m_technology u32, m_oid1 u32, m_oid2 u32, and indices u16
 *                      into the table: m_dbGuidIdx, m_classIdIdx, m_prefixIdx (0: none); m_keyPos u16; m_hashes
 *   m_InputDataHeader  the same for provenance
 *   m_GuidMap          table of texts: GUIDs and container prefixes
 *
 * p4 has the same elements in one list, provenance first: m_dataHeader, m_provSize u32 of them, and m_guidMap. Where the
 * table is empty, m_token is a whole token and nothing else counts.
 *
 * Container: prefix, then m_token with the key (first alias) inserted in front of position m_keyPos - 1 when m_keyPos > 0.
 * Source: ATLAS athena Database/PersistentDataModelTPCnv (DataHeader_p4.h, DataHeaderCnv_p4.cxx); p3 measured on a file of 2009.
 */
import { CorruptFileError } from '../../errors.ts';
import type { HeaderElement } from './data-header.ts';
import {
  countOf,
  locateNumbers,
  locateTexts,
  locateTextVector,
  numberOf,
  smallNumbersOf,
  textOf,
  type NumberPlaces,
  type TextPlace,
} from './places.ts';
import { framedReader, memberOf, type RowColumns } from './row-columns.ts';
import { parseToken } from './token.ts';

/** Places of one list of elements. */
export interface ElementPlacesP3 {
  tokens: TextPlace[];
  technology: NumberPlaces;
  /** u32 each. */
  oid1: NumberPlaces;
  oid2: NumberPlaces;
  /** u16 each: index of the file GUID in the table. */
  dbGuidIndex: NumberPlaces;
  classIdIndex: NumberPlaces;
  prefixIndex: NumberPlaces;
  keyPosition: NumberPlaces;
  /** First alias of each element, the StoreGate key; undefined where there is none. */
  keys: (TextPlace | undefined)[];
  /** First CLID of each element; 0 where there is none. */
  clids: number[];
}

/** Places in a header of p3 or p4. */
export interface HeaderPlacesP3 {
  data: ElementPlacesP3;
  provenance: ElementPlacesP3;
  guidMap: TextPlace[];
}

/** Finds the values of a header of either version. CorruptFileError where its members do not fit. */
export function locateHeaderP3(columns: RowColumns): HeaderPlacesP3 {
  if (columns.has('m_dataHeader')) return locateHeaderP4(columns);
  return {
    data: locateElements(columns, 'm_DataHeader'),
    provenance: locateElements(columns, 'm_InputDataHeader'),
    guidMap: locateTextVector(memberOf(columns, 'm_GuidMap')),
  };
}

function locateHeaderP4(columns: RowColumns): HeaderPlacesP3 {
  const all = locateElements(columns, 'm_dataHeader');
  const count = all.tokens.length;
  const size = numberOf(locateNumbers(memberOf(columns, 'm_provSize'), 1, 4), 0) as number;
  if (size > count) {
    throw new CorruptFileError('DataHeader has fewer elements than provenance', { expected: `at most ${count}`, found: size });
  }
  return { data: sliceOf(all, size, count), provenance: sliceOf(all, 0, size), guidMap: locateTextVector(memberOf(columns, 'm_guidMap')) };
}

/** Some of the elements of a list. */
function sliceOf(places: ElementPlacesP3, from: number, to: number): ElementPlacesP3 {
  const numbers = (list: NumberPlaces): NumberPlaces => ({ ...list, at: list.at + from * list.width, count: to - from });
  return {
    tokens: places.tokens.slice(from, to),
    technology: numbers(places.technology),
    oid1: numbers(places.oid1),
    oid2: numbers(places.oid2),
    dbGuidIndex: numbers(places.dbGuidIndex),
    classIdIndex: numbers(places.classIdIndex),
    prefixIndex: numbers(places.prefixIndex),
    keyPosition: numbers(places.keyPosition),
    keys: places.keys.slice(from, to),
    clids: places.clids.slice(from, to),
  };
}

function locateElements(columns: RowColumns, list: string): ElementPlacesP3 {
  const count = countOf(memberOf(columns, list));
  const numbers = (member: string, width: number): NumberPlaces => locateNumbers(memberOf(columns, `${list}.${member}`), count, width);
  return {
    tokens: locateTexts(memberOf(columns, `${list}.m_token`), count),
    technology: numbers('m_technology', 4),
    oid1: numbers('m_oid1', 4),
    oid2: numbers('m_oid2', 4),
    dbGuidIndex: numbers('m_dbGuidIdx', 2),
    classIdIndex: numbers('m_classIdIdx', 2),
    prefixIndex: numbers('m_prefixIdx', 2),
    keyPosition: numbers('m_keyPos', 2),
    keys: firstTexts(columns, `${list}.m_alias`, count),
    clids: firstWords(columns, `${list}.m_clids`, count),
  };
}

/** First text of each of `count` vectors in one frame. */
function firstTexts(columns: RowColumns, member: string, count: number): (TextPlace | undefined)[] {
  const column = memberOf(columns, member);
  const r = framedReader(column);
  return Array.from({ length: count }, () => {
    let first: TextPlace | undefined;
    for (let n = r.i32(); n > 0; n--) {
      const { length } = r.tstringBytes();
      first ??= { column, at: r.pos - length, length };
    }
    return first;
  });
}

function firstWords(columns: RowColumns, member: string, count: number): number[] {
  const r = framedReader(memberOf(columns, member));
  return Array.from({ length: count }, () => {
    const n = r.i32();
    const at = r.take(4 * n);
    return n > 0 ? r.view.getUint32(at) : 0;
  });
}

/** Decodes all elements: data, then provenance. */
export function decodeElementsP3(places: HeaderPlacesP3): HeaderElement[] {
  const map = places.guidMap.map(textOf);
  return [...decodeList(places.data, map, false), ...decodeList(places.provenance, map, true)];
}

function decodeList(places: ElementPlacesP3, map: readonly string[], isProvenance: boolean): HeaderElement[] {
  const [technology, oid1, oid2] = [places.technology, places.oid1, places.oid2].map((list) => smallNumbersOf(list)) as [
    number[],
    number[],
    number[],
  ];
  const [db, classId, prefix, keyPosition] = [places.dbGuidIndex, places.classIdIndex, places.prefixIndex, places.keyPosition].map((list) =>
    smallNumbersOf(list),
  ) as [number[], number[], number[], number[]];
  const text = (index: number): string => {
    const found = map[index];
    if (found === undefined) {
      throw new CorruptFileError('DataHeader names a text it does not have', { expected: `below ${map.length}`, found: index });
    }
    return found;
  };
  return places.tokens.map((place, k) => {
    const token = textOf(place);
    const keyPlace = places.keys[k];
    const key = keyPlace === undefined ? '' : textOf(keyPlace);
    const clid = places.clids[k] as number;
    if (map.length === 0) return { ...parseToken(token), key, clid, isProvenance };
    const at = (keyPosition[k] as number) - 1;
    const tail = at < 0 ? token : token.slice(0, at) + key + token.slice(at);
    const head = prefix[k] === 0 ? '' : text(prefix[k] as number);
    return {
      db: text(db[k] as number),
      container: head + tail,
      classId: text(classId[k] as number),
      technology: technology[k] as number,
      oid1: BigInt(oid1[k] as number),
      oid2: BigInt(oid2[k] as number),
      key,
      clid,
      isProvenance,
    };
  });
}
