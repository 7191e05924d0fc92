/**
 * One row of metadata for all inputs, on request: of the first input's row, what is known to add up is summed and what
 * is a set is united. Everything else stays as the first input has it, and is named where inputs differ in it.
 *
 *   EventStreamInfo_p…             m_numberOfEvents added; m_runNumbers, m_lumiBlockNumbers, m_processingTags, m_itemList united
 *   xAOD::CutBookkeeperAux…        nAcceptedEvents, sumOfEventWeights, sumOfEventWeightsSquared added, element by element,
 *                                  if all else in it is equal
 *   …AuxDyn.sumOf…  vector<double> added where as many elements as that
 *
 * Source: ATLAS athena Database/AthenaPOOL/OutputStreamAthenaPool/src/CopyEventStreamInfo.cxx; layouts measured.
 */
import { BigEndianWriter, decodeText } from '../../io/bytes/big-endian.ts';
import { countOf, locateNumberVector, locateTextVector, locateTexts, smallNumbersOf, textOf } from '../../io/pool/places.ts';
import { RowReader, memberOf, type RowColumns } from '../../io/pool/row-columns.ts';
import { branchName, textAt } from '../../io/root/tree/basket-table.ts';
import { BranchCursor, type EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import { BRANCH } from '../../io/root/tree/scan-layout.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { BYTE_COUNT_MASK } from '../../io/root/streamer/type-codes.ts';
import { growByteCount, type RowInsert } from './grow-row.ts';
import type { PoolInput } from './pool-inputs.ts';
import type { RewriteTask } from './tree-rewrite.ts';

/** Tree of metadata; the trees of their headers begin with its name, too. */
export const METADATA_TREE = 'MetaData';

/** How metadata become one row. */
export interface MetadataSum {
  /** The input whose row it is. */
  base: PoolInput;
  /** Changes of that row. */
  tasks: RewriteTask[];
  /** Most elements of split collections that grew, by row of their branch. */
  largestCounts: Map<number, number>;
  /** Containers that were summed, and those in which inputs differ but that keep the first input's values. */
  summed: string[];
  kept: string[];
}

/** Plans the sum; a reason when there can be none. */
export function planMetadataSum(inputs: readonly PoolInput[]): MetadataSum | string {
  const trees = inputs.flatMap((pool) => {
    const tree = pool.contents.containers.tree(METADATA_TREE)?.reader;
    return tree === undefined || tree.entryCount === 0 ? [] : [{ pool, tree }];
  });
  const [first, ...others] = trees;
  if (first === undefined) return 'no input has metadata';
  const long = trees.find(({ tree }) => tree.entryCount !== 1);
  if (long !== undefined) return `${long.pool.input.path} has ${long.tree.entryCount} rows of metadata: only inputs with one row each can be summed`;
  const planner = new SumPlanner(first.pool, first.tree, others.map(({ tree }) => tree));
  return planner.run();
}

class SumPlanner {
  readonly #tree: TreeReader;
  readonly #others: readonly TreeReader[];
  readonly #sum: MetadataSum;

  constructor(base: PoolInput, tree: TreeReader, others: readonly TreeReader[]) {
    this.#tree = tree;
    this.#others = others;
    this.#sum = { base, tasks: [], largestCounts: new Map(), summed: [], kept: [] };
  }

  run(): MetadataSum {
    const names = new Set<string>();
    for (const branch of this.#tree.children(-1)) {
      names.add(branchName(this.#tree.scan, branch));
      this.#addContainer(branch);
    }
    for (const other of this.#others) {
      for (const branch of other.children(-1)) if (!names.has(branchName(other.scan, branch))) this.#sum.kept.push(branchName(other.scan, branch));
    }
    this.#sum.kept = [...new Set(this.#sum.kept)];
    return this.#sum;
  }

  #addContainer(branch: number): void {
    const name = branchName(this.#tree.scan, branch);
    if (this.#others.every((other) => isEqual(this.#tree, branch, other))) {
      if (!isEventStreamInfo(this.#tree, branch) && additiveBranches(this.#tree, branch).length === 0) return;
    }
    const present = this.#others.filter((other) => other.branch(name) !== undefined);
    if (isEventStreamInfo(this.#tree, branch)) this.#addStreamInfo(branch, present);
    else if (!this.#addNumbers(branch, present)) this.#sum.kept.push(name);
  }

  #addStreamInfo(branch: number, others: readonly TreeReader[]): void {
    const name = branchName(this.#tree.scan, branch);
    const rows = others.map((other) => new RowReader(other, other.branch(name) as number).columns(0));
    const own = new RowReader(this.#tree, branch).columns(0);
    if (rows.some((columns) => [...own].some(([path, column]) => path.startsWith('m_eventTypes') && !sameBytes(column, columns.get(path))))) this.#sum.kept.push(`${name}: m_eventTypes`);
    const items = newItems(own, rows);
    const list = memberOf(own, 'm_itemList');
    if (list.branch !== branch && items.length > 0) this.#sum.largestCounts.set(list.branch, countOf(list) + items.length);
    this.#sum.tasks.push({ kind: 'rows', branch, patch: (columns) => sumStreamInfo(columns, rows, items) });
    this.#sum.summed.push(name);
  }

  /** Adds vectors of numbers; false when something else differs. */
  #addNumbers(branch: number, others: readonly TreeReader[]): boolean {
    const name = branchName(this.#tree.scan, branch);
    const numbers = additiveBranches(this.#tree, branch);
    if (numbers.length === 0) return false;
    const theirs = others.map((other) => additiveBranches(other, other.branch(name) as number));
    const isAlike = theirs.every((list, i) => list.length === numbers.length && sameRest(this.#tree, branch, numbers, others[i] as TreeReader, list));
    if (!isAlike) return false;
    for (const [i, number] of numbers.entries()) {
      this.#sum.tasks.push({
        kind: 'data',
        branch: number.branch,
        patch: ({ data, bounds }) => {
          for (const list of theirs) addInto(data, (bounds[0] as number) + number.at, number, (list[i] as AdditiveVector).values);
        },
      });
    }
    this.#sum.summed.push(name);
    return true;
  }
}

function classOf(tree: TreeReader, branch: number): string {
  const at = tree.scan.branches.offset(branch, BRANCH.fClassName);
  return tree.scan.branchClass[branch] === 'TBranchElement' ? decodeText(textAt(tree.scan, at)) : '';
}

function isEventStreamInfo(tree: TreeReader, branch: number): boolean {
  return /^EventStreamInfo_p[123]$/.test(classOf(tree, branch));
}

/** All branches below one that hold data, itself included. */
function dataBranches(tree: TreeReader, branch: number): number[] {
  const below = tree.children(branch).flatMap((child) => dataBranches(tree, child));
  return (tree.baskets.start[branch] as number) < (tree.baskets.start[branch + 1] as number) ? [branch, ...below] : below;
}

function entryOf(tree: TreeReader, branch: number): Uint8Array {
  const { data, start, end } = new BranchCursor(tree, branch).entry(0);
  return data.subarray(start, end);
}

/** True when a container has the same bytes in another tree. */
function isEqual(tree: TreeReader, branch: number, other: TreeReader): boolean {
  const theirs = other.branch(branchName(tree.scan, branch));
  if (theirs === undefined) return false;
  const [a, b] = [dataBranches(tree, branch), dataBranches(other, theirs)];
  return a.length === b.length && a.every((row, i) => Buffer.compare(entryOf(tree, row), entryOf(other, b[i] as number)) === 0);
}

function sameBytes(a: EntryBytes, b: EntryBytes | undefined): boolean {
  return b !== undefined && Buffer.compare(a.data.subarray(a.start, a.end), b.data.subarray(b.start, b.end)) === 0;
}

/** A vector of 8-byte numbers inside the entry of a branch. */
interface AdditiveVector {
  branch: number;
  isReal: boolean;
  /** Index of the first number in the entry, and how many there are. */
  at: number;
  count: number;
  values: DataView;
}

/** Bytes before the numbers of a framed vector: byte count, version, count. */
const VECTOR_HEAD = 10;
const ADDED_MEMBERS = ['nAcceptedEvents', 'sumOfEventWeights', 'sumOfEventWeightsSquared'] as const;

/** The vectors of a container that add up; empty for containers of other classes. */
function additiveBranches(tree: TreeReader, branch: number): AdditiveVector[] {
  const name = branchName(tree.scan, branch);
  const className = classOf(tree, branch);
  if (className === 'vector<double>' && /AuxDyn\.sumOf/.test(name)) return vectorsAtEnd(tree, branch, [true]);
  if (!/^xAOD::CutBookkeeperAuxContainer_v1$/.test(className)) return [];
  const members = tree.children(branch);
  if (members.length === 0) return vectorsAtEnd(tree, branch, [false, true, true]);
  return ADDED_MEMBERS.flatMap((member, i) => {
    const row = members.find((child) => branchName(tree.scan, child).endsWith(`.${member}`));
    return row === undefined ? [] : vectorsAtEnd(tree, row, [i > 0]);
  });
}

/** The last members of an entry are vectors of 8-byte numbers, equally long: their byte counts tell how long. Empty if they are not. */
function vectorsAtEnd(tree: TreeReader, branch: number, isReal: readonly boolean[]): AdditiveVector[] {
  const entry = entryOf(tree, branch);
  const view = new DataView(entry.buffer, entry.byteOffset, entry.length);
  for (let count = 0; isReal.length * (VECTOR_HEAD + 8 * count) <= entry.length; count++) {
    const step = VECTOR_HEAD + 8 * count;
    const first = entry.length - isReal.length * step;
    const isVector = (at: number): boolean => view.getUint32(at) === (BYTE_COUNT_MASK | (step - 4)) >>> 0 && view.getUint32(at + 6) === count;
    if (isReal.every((_, i) => isVector(first + i * step))) return isReal.map((real, i) => ({ branch, isReal: real, at: first + i * step + VECTOR_HEAD, count, values: new DataView(view.buffer, view.byteOffset + first + i * step + VECTOR_HEAD, 8 * count) }));
  }
  return [];
}

/** True when two containers agree in all bytes but the numbers, and have as many of these. */
function sameRest(tree: TreeReader, branch: number, numbers: readonly AdditiveVector[], other: TreeReader, theirs: readonly AdditiveVector[]): boolean {
  const otherBranch = other.branch(branchName(tree.scan, branch)) as number;
  const [a, b] = [dataBranches(tree, branch), dataBranches(other, otherBranch)];
  const blank = (entry: Uint8Array, row: number, list: readonly AdditiveVector[]): Uint8Array => {
    const copy = entry.slice();
    for (const { branch: of, at, count } of list) if (of === row) copy.fill(0, at, at + 8 * count);
    return copy;
  };
  return a.length === b.length && a.every((row, i) => Buffer.compare(blank(entryOf(tree, row), row, numbers), blank(entryOf(other, b[i] as number), b[i] as number, theirs)) === 0);
}

function addInto(data: Uint8Array, at: number, { isReal, count }: AdditiveVector, values: DataView): void {
  const view = new DataView(data.buffer, data.byteOffset + at, 8 * count);
  for (let i = 0; i < 8 * count; i += 8) {
    if (isReal) view.setFloat64(i, view.getFloat64(i) + values.getFloat64(i));
    else view.setBigUint64(i, view.getBigUint64(i) + values.getBigUint64(i));
  }
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
function sumStreamInfo(own: RowColumns, rows: readonly RowColumns[], items: readonly Item[]): RowInsert[] {
  const events = (columns: RowColumns): EntryBytes => memberOf(columns, 'm_numberOfEvents');
  const viewOf = ({ data, start }: EntryBytes): DataView => new DataView(data.buffer, data.byteOffset + start, 4);
  viewOf(events(own)).setUint32(0, rows.reduce((sum, columns) => sum + viewOf(events(columns)).getUint32(0), viewOf(events(own)).getUint32(0)));
  const inserts: RowInsert[] = [];
  for (const member of ['m_runNumbers', 'm_lumiBlockNumbers']) {
    const numbers = (columns: RowColumns): number[] => smallNumbersOf(locateNumberVector(memberOf(columns, member), 4));
    inserts.push(...appended(memberOf(own, member), missing(numbers(own), rows.map(numbers)), (w, value) => w.u32(value)));
  }
  const tags = (columns: RowColumns): string[] => locateTextVector(memberOf(columns, 'm_processingTags')).map(textOf);
  inserts.push(...appended(memberOf(own, 'm_processingTags'), missing(tags(own), rows.map(tags)), (w, value) => w.tstring(value)));
  if (items.length > 0) inserts.push(...appendedItems(own, items));
  return inserts.sort((a, b) => a.at - b.at);
}

function missing<T>(own: readonly T[], others: readonly (readonly T[])[]): T[] {
  return [...new Set(others.flat())].filter((value) => !own.includes(value));
}

/** Adds values to a framed vector. */
function appended<T>(column: EntryBytes, values: readonly T[], write: (w: BigEndianWriter, value: T) => void): RowInsert[] {
  if (values.length === 0) return [];
  const w = new BigEndianWriter(64);
  for (const value of values) write(w, value);
  const bytes = w.done();
  const view = new DataView(column.data.buffer, column.data.byteOffset + column.start, VECTOR_HEAD);
  view.setUint32(0, view.getUint32(0) + bytes.length);
  view.setInt32(6, view.getInt32(6) + values.length);
  return [{ column, at: column.end, bytes }];
}

/** Adds pairs to the list: a column of numbers, a framed column of texts. */
function appendedItems(own: RowColumns, items: readonly Item[]): RowInsert[] {
  const [list, first, second] = ['m_itemList', 'm_itemList.first', 'm_itemList.second'].map((path) => memberOf(own, path)) as [EntryBytes, EntryBytes, EntryBytes];
  const [clids, keys] = [new BigEndianWriter(64), new BigEndianWriter(64)];
  for (const { clid, key } of items) {
    clids.u32(clid);
    keys.tstring(key);
  }
  const [firstBytes, secondBytes] = [clids.done(), keys.done()];
  if (second.branch === list.branch) growByteCount(list, second.end, firstBytes.length + secondBytes.length);
  const view = new DataView(second.data.buffer, second.data.byteOffset + second.start, 4);
  view.setUint32(0, view.getUint32(0) + secondBytes.length);
  const count = new DataView(list.data.buffer, list.data.byteOffset + list.start, 4);
  count.setInt32(0, count.getInt32(0) + items.length);
  return [{ column: first, at: first.end, bytes: firstBytes }, { column: second, at: second.end, bytes: secondBytes }];
}
