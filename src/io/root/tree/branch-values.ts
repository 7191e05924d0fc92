/** Values of a branch over a range of entries, as typed arrays. */
import { CorruptFileError, UsageError, addContext } from '../../../errors.ts';
import { ArrayBuilder, GrowingOffsets, type ColumnArrays, type EntryWindow } from '../column-arrays.ts';
import { entryForm, holdsCounts, leafForms, type EntryForm } from './branch-form.ts';
import { branchesByPath } from './branch-paths.ts';
import { entriesOfBasket } from './basket-table.ts';
import { entryBytes, readBasketRows, type BasketRows } from './branch-rows.ts';
import { ItemReader, arrayBuilder, formBytes } from './item-form.ts';
import type { TreeReader } from './tree-reader.ts';

/** Which values are read. */
export interface BranchWindow extends EntryWindow {
  /** One leaf of a branch with several. */
  leaf?: string;
}

/**
 * Reads entries of a branch, named by its path: names from the top, joined by `/`. Types that are not understood come
 * as the bytes of each entry. A window that reaches past the last entry ends there.
 * @throws UsageError for a branch that does not exist, has several leaves (say which) or has its values in the branches below
 * @throws CorruptFileError where values do not fit the entries, UnsupportedError, UnreadableFileError
 */
export function readBranch(tree: TreeReader, path: string, window: BranchWindow = {}): ColumnArrays {
  const place = { file: tree.file.path, objectPath: `${tree.path}: branch ${path}` };
  const row = branchesByPath(tree).get(path);
  if (row === undefined) throw new UsageError('the tree has no such branch', place);
  try {
    return readRow(tree, row, window);
  } catch (err) {
    throw addContext(err, place);
  }
}

function readRow(tree: TreeReader, row: number, window: BranchWindow): ColumnArrays {
  const { baskets } = tree;
  const [from, to] = [baskets.start[row] as number, baskets.start[row + 1] as number];
  if (from === to && tree.children(row).length > 0 && !holdsCounts(tree.scan, row)) {
    throw new UsageError('the branch has no values of its own, only the branches below it');
  }
  const form = formOf(tree, row, window.leaf);
  const total = baskets.entryCount[row] as number;
  const firstEntry = Math.min(total, wholeNumber(window.firstEntry ?? 0, 'firstEntry'));
  const end = Math.min(total, firstEntry + wholeNumber(window.entryCount ?? total, 'entryCount'));
  const target = form === undefined ? rawTarget() : formTarget(form);
  let count = 0;
  for (let basket = from; basket < to; basket++) {
    const first = baskets.firstEntry[basket] as number;
    if (first >= end || first + entriesOfBasket(baskets, basket) <= firstEntry) continue;
    const rows = readBasketRows(tree.file, tree.scan, baskets, basket);
    const [a, b] = [Math.max(0, firstEntry - first), Math.min(rows.count, end - first)];
    if (a < b) target.add(rows, a, b);
    count += Math.max(0, b - a);
  }
  return target.builder.done(firstEntry, count);
}

function wholeNumber(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`${name} must be a whole number of 0 or more, not ${value}`);
  return value;
}

function formOf(tree: TreeReader, row: number, leaf: string | undefined): EntryForm | undefined {
  const leaves = leafForms(tree.scan, row) ?? [];
  const names = leaves.map(({ name }) => name).join(', ');
  if (leaf === undefined) {
    if (leaves.length > 1) throw new UsageError(`the branch has several leaves, one is read at a time: ${names}`);
    return entryForm(tree.scan, tree.infos, row);
  }
  const found = leaves.find(({ name }) => name === leaf);
  if (found === undefined) throw new UsageError(`the branch has no leaf ${leaf}: ${names}`);
  return found;
}

/** Where the entries of baskets go. */
interface Target {
  builder: ArrayBuilder;
  /** Adds the entries [from, to) of a basket. */
  add: (rows: BasketRows, from: number, to: number) => void;
}

function rawTarget(): Target {
  const offsets = new GrowingOffsets();
  const builder = new ArrayBuilder('bytes', [offsets]);
  const add = ({ data, bounds }: BasketRows, from: number, to: number): void => {
    builder.bytes.raw(data.subarray(bounds[from], bounds[to]));
    for (let i = from; i < to; i++) offsets.push((bounds[i + 1] as number) - (bounds[i] as number));
  };
  return { builder, add };
}

function formTarget(entry: EntryForm): Target {
  const { skip, form, hasTail } = entry;
  const builder = arrayBuilder(form);
  const reader = new ItemReader(form, builder);
  const bytes = form.kind === 'basic' && skip === 0 && !hasTail ? formBytes(form) : 0;
  const add = (rows: BasketRows, from: number, to: number): void => {
    const { data, parts } = rows;
    if (bytes > 0 && entryBytes(parts) === bytes) return builder.appendBigEndian(data, from * bytes, to * bytes);
    const { bounds } = rows;
    for (let i = from; i < to; i++) readEntry(reader, entry, data, bounds[i] as number, bounds[i + 1] as number);
  };
  return { builder, add };
}

/** Reads one entry into the reader's builder. CorruptFileError where it does not fit. */
export function readEntry(reader: ItemReader, { skip, form, hasTail }: EntryForm, data: Uint8Array, start: number, end: number): void {
  if (start === end && (form.kind === 'text' || form.kind === 'list' || form.kind === 'rest')) return reader.readEmpty();
  const stop = reader.read(data, Math.min(end, start + skip), end);
  if (stop !== end && !hasTail) {
    throw new CorruptFileError('values do not fill their entry', { offset: stop, expected: end - start, found: stop - start });
  }
}
