/** The branches of a tree as streams of entries. */
import { CorruptFileError } from '../../errors.ts';
import { decodeText } from '../../io/bytes/big-endian.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { walkObject } from '../../io/root/streamer/walk.ts';
import { branchClassName, branchName, entriesOfBasket, textAt } from '../../io/root/tree/basket-table.ts';
import { emptyBasketHeader, parseBasketHeader } from '../../io/root/tree/basket.ts';
import { entryBytes, readBasketRows } from '../../io/root/tree/branch-rows.ts';
import { leafReader, type LeafReader } from '../../io/root/tree/leaf-values.ts';
import { BRANCH, LEAF } from '../../io/root/tree/scan-layout.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { ProcessIds } from '../object/process-ids.ts';
import { identityColumn, memberWalker, type ObjectWalker } from './entry-objects.ts';
import type { Entries, EntryChunk } from './entry-streams.ts';

/** A limit that readers size their memory by: no entry may exceed it. */
export interface LeafLimit {
  /** What it limits, e.g. `fLen of leaf text`. */
  name: string;
  value: number;
}

/** fLen of texts, fMaximum of leaves that count the values of others. */
export function leafLimits({ scan }: TreeReader, row: number): LeafLimit[] {
  const first = scan.leafStart[row] as number;
  return scan.leafList.slice(first, first + (scan.leafCount[row] as number)).flatMap((leaf): LeafLimit[] => {
    const name = decodeText(textAt(scan, scan.leaves.offset(leaf, LEAF.fName)));
    if (scan.leafClass[leaf] === 'TLeafC') return [{ name: `fLen of leaf ${name}`, value: scan.leaves.number(scan.view, leaf, LEAF.fLen) }];
    return scan.leafCounter.includes(leaf)
      ? [{ name: `fMaximum of leaf ${name}`, value: scan.leaves.number(scan.view, leaf, LEAF.fMaximum) }]
      : [];
  });
}

/** Class of the objects that fill the entries of a branch; undefined where entries are something else. */
function entryClass(tree: TreeReader, row: number): string | undefined {
  const className = branchClassName(tree.scan, row);
  const [id, type] = [BRANCH.fID, BRANCH.fType].map((column) => tree.scan.branches.number(tree.scan.view, row, column));
  return className !== '' && (id as number) < 0 && (type as number) <= 0 ? className : undefined;
}

/** The entries of one branch, basket by basket. */
export function* branchChunks(tree: TreeReader, row: number): Generator<EntryChunk> {
  const { file, scan, baskets } = tree;
  const opener = new BasketOpener(tree, row);
  for (let basket = baskets.start[row] as number; basket < (baskets.start[row + 1] as number); basket++) {
    const listed = entriesOfBasket(baskets, basket);
    // Some old files count entries that their last, embedded basket does not hold.
    const count = baskets.seek[basket] === 0 && listed > 0 ? readBasketRows(file, scan, baskets, basket).count : listed;
    if (count === 0) continue;
    let record: Uint8Array | undefined;
    const stored = (): StoredBasket | undefined => storedBasket((record ??= readRecord(tree, basket)));
    yield {
      count,
      stored,
      processIds: opener.mayRefer ? () => new ProcessIds(file, stored()?.pidOffset ?? 0) : undefined,
      open: () => opener.open(basket, count, record),
    };
  }
}

/** Opens the baskets of one branch. */
class BasketOpener {
  /** True where entries may hold references. */
  readonly mayRefer: boolean;
  readonly #tree: TreeReader;
  readonly #row: number;
  readonly #reader: LeafReader | undefined;
  /** Class of the objects that fill the entries; undefined where entries are something else. */
  readonly #className: string | undefined;
  readonly #walkMember: ObjectWalker | undefined;

  constructor(tree: TreeReader, row: number) {
    const { file, scan, infos } = tree;
    this.#tree = tree;
    this.#row = row;
    this.#reader = leafReader(scan, row, infos);
    const isObject = this.#reader === undefined;
    this.#className = isObject ? entryClass(tree, row) : undefined;
    // Without process ids there is nothing in such entries that may differ: they are compared byte by byte.
    this.#walkMember = isObject && ProcessIds.areIn(file) ? memberWalker(tree, row) : undefined;
    const isBits = identityColumn(tree, row, branchName(scan, row)) === 'fBits';
    this.mayRefer = this.#walkMember !== undefined || this.#className !== undefined || isBits;
  }

  /** The entries of a basket, which must be `count`; `record`: the record where it was read already. */
  open(basket: number, count: number, record: Uint8Array | undefined): Entries {
    const { file, scan, baskets, infos } = this.#tree;
    const { data, keylen, parts, bounds, count: found } = readBasketRows(file, scan, baskets, basket, record);
    if (found !== count) throw this.#otherCount(count, found);
    const [className, walkMember, reader] = [this.#className, this.#walkMember, this.#reader];
    // Tags count from the start of the basket's key: an entry is walked as the payload of a key that ends where it begins.
    const graph =
      className === undefined
        ? undefined
        : (start: number, end: number): SpanGraph => walkObject(data.slice(start, end), keylen + start, className, infos);
    const width = entryBytes(parts);
    return {
      data,
      members: walkMember && ((start, end) => walkMember(data, keylen, start, end)),
      processIds: this.mayRefer ? new ProcessIds(file, parts.header.pidOffset) : undefined,
      bounds: width > 0 ? undefined : bounds,
      width,
      graph,
      realWidth: reader?.realWidth ?? 0,
      values: reader && ((start, end) => reader.read(data, start, end)),
    };
  }

  #otherCount(expected: number, found: number): CorruptFileError {
    const { file, path, scan } = this.#tree;
    const message = `basket of branch ${branchName(scan, this.#row)} has another number of entries than the tree says`;
    return new CorruptFileError(message, { file: file.path, objectPath: path, expected, found });
  }
}

/** The record of a basket; undefined for an embedded one. */
function readRecord({ file, baskets }: TreeReader, basket: number): Uint8Array | undefined {
  const [seek, length] = [baskets.seek[basket] as number, baskets.bytes[basket] as number];
  return seek === 0 || length === 0 ? undefined : file.source.read(seek, length);
}

/** The compressed part of a basket's record, and what is said of it in front. */
interface StoredBasket {
  form: string;
  bytes: Uint8Array;
  pidOffset: number;
}

function storedBasket(record: Uint8Array | undefined): StoredBasket | undefined {
  if (record === undefined) return undefined;
  const header = emptyBasketHeader();
  parseBasketHeader(record, new DataView(record.buffer, record.byteOffset, record.length), 0, record.length, header);
  const { keylen, last, objlen, nevBuf, flag, ioBits, pidOffset } = header;
  return { form: `${keylen} ${last} ${objlen} ${nevBuf} ${flag} ${ioBits}`, bytes: record.subarray(keylen), pidOffset };
}
