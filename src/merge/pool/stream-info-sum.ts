/**
 * EventStreamInfo_p1 to _p3 of several jobs as one row: m_numberOfEvents added; m_runNumbers, m_lumiBlockNumbers,
 * m_processingTags, m_itemList united. p1 has sets where later ones have vectors; both are stored alike.
 * Source: ATLAS athena Database/AthenaPOOL/OutputStreamAthenaPool/src/CopyEventStreamInfo.cxx; layouts measured.
 */
import { BigEndianWriter } from '../../io/bytes/big-endian.ts';
import {
  countOf,
  locateNumberVector,
  locateNumbers,
  locateTextVector,
  locateTexts,
  numberOf,
  smallNumbersOf,
  textOf,
} from '../../io/pool/places.ts';
import { memberOf, type RowColumns } from '../../io/pool/row-columns.ts';
import type { EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import { addToCount, appendToVector, growByteCount, type RowInsert, type RowSum } from './grow-row.ts';
import { patchNumber } from './patch-places.ts';

const EVENTS = 'm_numberOfEvents';

/** True for the classes that can be summed. */
export function isStreamInfo(className: string): boolean {
  return /^EventStreamInfo_p[123]$/.test(className);
}

/** Sums rows; undefined when there are more events than the number can hold. */
export function sumStreamInfos(own: RowColumns, others: readonly RowColumns[]): RowSum | undefined {
  const events = [own, ...others].reduce(
    (sum, columns) => sum + (numberOf(locateNumbers(memberOf(columns, EVENTS), 1, 4), 0) as number),
    0,
  );
  if (events > 0xffff_ffff) return undefined;
  const items = newItems(own, others);
  const list = memberOf(own, 'm_itemList');
  const isSplit = memberOf(own, 'm_itemList.first').branch !== list.branch;
  const grown = isSplit && items.length > 0 ? { branch: list.branch, count: countOf(list) + items.length } : undefined;
  return { patch: (columns) => sumInto(columns, events, others, items), grown };
}

/** An entry of m_itemList: class id and key. */
interface Item {
  clid: number;
  key: string;
}

function itemsOf(columns: RowColumns): Item[] {
  const count = countOf(memberOf(columns, 'm_itemList'));
  const first = memberOf(columns, 'm_itemList.first');
  const clids = smallNumbersOf({ column: first, at: first.start, count, width: 4 });
  return locateTexts(memberOf(columns, 'm_itemList.second'), count).map((place, i) => ({ clid: clids[i] as number, key: textOf(place) }));
}

/** Items that only later rows have, each once. */
function newItems(own: RowColumns, rows: readonly RowColumns[]): Item[] {
  const known = new Set(itemsOf(own).map(({ clid, key }) => `${clid} ${key}`));
  return rows.flatMap(itemsOf).filter(({ clid, key }) => {
    const isNew = !known.has(`${clid} ${key}`);
    known.add(`${clid} ${key}`);
    return isNew;
  });
}

/** Puts the sum of all rows into the first one. */
function sumInto(own: RowColumns, events: number, rows: readonly RowColumns[], items: readonly Item[]): RowInsert[] {
  patchNumber(locateNumbers(memberOf(own, EVENTS), 1, 4), 0, BigInt(events));
  const inserts: RowInsert[] = [];
  for (const member of ['m_runNumbers', 'm_lumiBlockNumbers']) {
    const numbers = (columns: RowColumns): number[] => smallNumbersOf(locateNumberVector(memberOf(columns, member), 4));
    inserts.push(...appendToVector(memberOf(own, member), missing(numbers(own), rows.map(numbers)), (w, value) => w.u32(value)));
  }
  const tags = (columns: RowColumns): string[] => locateTextVector(memberOf(columns, 'm_processingTags')).map(textOf);
  inserts.push(...appendToVector(memberOf(own, 'm_processingTags'), missing(tags(own), rows.map(tags)), (w, value) => w.tstring(value)));
  if (items.length > 0) inserts.push(...appendedItems(own, items));
  return inserts.sort((a, b) => a.at - b.at);
}

function missing<T>(own: readonly T[], others: readonly (readonly T[])[]): T[] {
  return [...new Set(others.flat())].filter((value) => !own.includes(value));
}

/** Adds pairs to the list: a column of numbers, a framed column of texts. */
function appendedItems(own: RowColumns, items: readonly Item[]): RowInsert[] {
  const [list, first, second] = ['m_itemList', 'm_itemList.first', 'm_itemList.second'].map((path) => memberOf(own, path)) as [
    EntryBytes,
    EntryBytes,
    EntryBytes,
  ];
  const [clids, keys] = [new BigEndianWriter(64), new BigEndianWriter(64)];
  for (const { clid, key } of items) {
    clids.u32(clid);
    keys.tstring(key);
  }
  const [firstBytes, secondBytes] = [clids.done(), keys.done()];
  if (second.branch === list.branch) growByteCount(list, second.end, firstBytes.length + secondBytes.length);
  const view = new DataView(second.data.buffer, second.data.byteOffset + second.start, 4);
  view.setUint32(0, view.getUint32(0) + secondBytes.length);
  addToCount(list, items.length);
  return [
    { column: first, at: first.end, bytes: firstBytes },
    { column: second, at: second.end, bytes: secondBytes },
  ];
}
