/**
 * Entries of one branch as byte ranges: baskets are read and decompressed one after the other,
 * stored and embedded ones alike. Values stay as they are stored; who knows the type decodes them.
 */
import { CorruptFileError, UnsupportedError, addContext } from '../../../errors.ts';
import { payloadOf } from '../../codec/payload.ts';
import type { RootFile } from '../root-file.ts';
import {
  GENERATED_OFFSETS_FLAG,
  checkBasketHeader,
  emptyBasketHeader,
  parseBasketHeader,
  parseBasketPayload,
  type BasketParts,
} from './basket.ts';
import { parseEmbeddedBasket } from './embedded-basket.ts';
import { branchName, branchOfBasket, entriesOfBasket, type BasketTable } from './basket-table.ts';
import type { EmbeddedBasket, TreeScan } from './tree-scan.ts';

/** The entries of one basket. */
export interface BasketRows {
  /** Number of the basket in the table. */
  basket: number;
  /** Number of its first entry within the branch. */
  firstEntry: number;
  count: number;
  /** Uncompressed data; entry i is [bounds[i], bounds[i + 1]). */
  data: Uint8Array;
  /**
   * Worked out when asked for: CorruptFileError, UnsupportedError as `entryBounds`; where offsets are not stored, from
   * what counts the values.
   */
  readonly bounds: Int32Array;
  /** Bytes of the basket's key: class and object tags in the data count from its start. */
  keylen: number;
  /** The basket taken apart; `data` is its data. */
  parts: BasketParts;
}

/** Reads the baskets of branch `branch` of a table, in the order of their entries. */
export function* readBranchRows(file: RootFile, scan: TreeScan, table: BasketTable, branch: number): Generator<BasketRows> {
  for (let basket = table.start[branch] as number; basket < (table.start[branch + 1] as number); basket++) {
    const rows = readBasketRows(file, scan, table, basket);
    if (rows.count > 0) yield rows;
  }
}

/** Reads the entries of one basket of a table, stored or embedded. `record`: the record of a stored one, if it was read before. */
export function readBasketRows(file: RootFile, scan: TreeScan, table: BasketTable, basket: number, record?: Uint8Array): BasketRows {
  const embedded = (table.seek[basket] as number) === 0 ? table.embedded.find((e) => e.basket === basket) : undefined;
  const parts = embedded === undefined ? readBasket(file, table, basket, record) : copyEmbedded(scan, embedded.where);
  const firstEntry = table.firstEntry[basket] as number;
  return rowsOf(parts, basket, firstEntry, () =>
    hasGeneratedOffsets(parts) ? generatedBounds({ file, scan, table, basket }, parts, firstEntry) : entryBounds(parts),
  );
}

/** True where the offsets of entries are not stored, since they follow from the numbers of values. */
function hasGeneratedOffsets({ header, offsets }: BasketParts): boolean {
  return offsets === undefined && header.nevBuf > 0 && header.flag >= GENERATED_OFFSETS_FLAG;
}

interface BasketPlace {
  file: RootFile;
  scan: TreeScan;
  table: BasketTable;
  basket: number;
}

/** Offsets that follow from the leaf that counts the values of each entry (kGenerateOffsetMap). Source: TLeaf::GenerateOffsetArrayBase. */
function generatedBounds({ file, scan, table, basket }: BasketPlace, { header, data }: BasketParts, firstEntry: number): Int32Array {
  const counts = countsOf({ file, scan, table }, counterBranch(scan, branchOfBasket(table, basket)), firstEntry, header.nevBuf);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const width = total === 0 ? 0 : data.length / total;
  if (!Number.isInteger(width) || width * total !== data.length) {
    throw new CorruptFileError('values of a basket are not as many as their counter says', { expected: total, found: data.length });
  }
  const bounds = new Int32Array(header.nevBuf + 1);
  counts.forEach((count, i) => (bounds[i + 1] = (bounds[i] as number) + count * width));
  return bounds;
}

/** The branch whose only leaf counts the values of a branch. */
function counterBranch(scan: TreeScan, row: number): number {
  const [leaf, count] = [scan.leafList[scan.leafStart[row] as number] as number, scan.leafCount[row]];
  const counter = count === 1 ? (scan.leafCounter[leaf] as number) : -1;
  const found = scan.leafStart.findIndex((start, branch) => scan.leafCount[branch] === 1 && scan.leafList[start] === counter);
  if (counter < 0 || found < 0) throw new UnsupportedError(`basket of branch ${branchName(scan, row)} whose entry offsets are not stored`);
  return found;
}

/** Values of a counter for `count` entries from `first` on. */
function countsOf({ file, scan, table }: Omit<BasketPlace, 'basket'>, branch: number, first: number, count: number): Float64Array {
  const counts = new Float64Array(count);
  let done = 0;
  for (let basket = table.start[branch] as number; basket < (table.start[branch + 1] as number) && done < count; basket++) {
    const start = table.firstEntry[basket] as number;
    if (start >= first + count || start + entriesOfBasket(table, basket) <= first) continue;
    const { data, bounds, count: held } = readBasketRows(file, scan, table, basket);
    for (let i = Math.max(0, first - start); i < Math.min(held, first + count - start); i++, done++) {
      counts[start + i - first] = counterValue(data.subarray(bounds[i], bounds[i + 1]));
    }
  }
  if (done < count) throw new CorruptFileError('counter of values lacks entries', { expected: count, found: done });
  return counts;
}

function counterValue(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 8) return Number(view.getBigInt64(0));
  if (bytes.length === 4) return view.getInt32(0);
  return bytes.length === 2 ? view.getInt16(0) : view.getInt8(0);
}

/** An embedded basket apart from the tree object: whoever gets rows may change them. */
function copyEmbedded(scan: TreeScan, { start, end }: EmbeddedBasket): BasketParts {
  try {
    return parseEmbeddedBasket(scan.bytes.slice(start, end), 0, end - start);
  } catch (err) {
    throw addContext(err, { baseOffset: start });
  }
}

/** Reads, checks and decompresses one stored basket. Its data are the caller's; with `known`, its record, they may be part of that. */
export function readBasket(file: RootFile, table: BasketTable, basket: number, known?: Uint8Array): BasketParts {
  const seek = table.seek[basket] as number;
  try {
    const record = known ?? file.source.read(seek, table.bytes[basket] || file.readKey(seek).nbytes);
    const header = emptyBasketHeader();
    parseBasketHeader(record, new DataView(record.buffer, record.byteOffset, record.length), 0, record.length, header);
    checkBasketHeader(header, seek, record.length, entriesOfBasket(table, basket));
    return parseBasketPayload(header, record, payloadOf(record.subarray(header.keylen), header.objlen));
  } catch (err) {
    if (err instanceof CorruptFileError) err.offset = seek + (err.offset ?? 0);
    throw addContext(err, { file: file.path, offset: seek });
  }
}

function rowsOf(parts: BasketParts, basket: number, firstEntry: number, findBounds: () => Int32Array): BasketRows {
  const { header, data } = parts;
  let bounds: Int32Array | undefined;
  return {
    basket,
    firstEntry,
    count: header.nevBuf,
    data,
    keylen: header.keylen,
    parts,
    get bounds() {
      return (bounds ??= findBounds());
    },
  };
}

/** Bytes of each entry of a basket whose entries are of one size; 0 where they vary. CorruptFileError where they do not fill the basket. */
export function entryBytes(parts: BasketParts): number {
  const { header, data, offsets } = parts;
  const count = header.nevBuf;
  if (offsets !== undefined || count === 0 || hasGeneratedOffsets(parts)) return 0;
  if (data.length % count !== 0) {
    throw new CorruptFileError('entries of one size do not fill their basket', { expected: `a multiple of ${count}`, found: data.length });
  }
  return data.length / count;
}

/**
 * Where each entry of a basket begins in its data, and one past the last. UnsupportedError where offsets are not
 * stored: `BasketRows` know them.
 */
export function entryBounds(parts: BasketParts): Int32Array {
  const { header, data, offsets } = parts;
  if (hasGeneratedOffsets(parts)) throw new UnsupportedError('basket whose entry offsets are not stored');
  const count = header.nevBuf;
  const bounds = new Int32Array(count + 1);
  bounds[count] = data.length;
  if (offsets === undefined) {
    const bytes = entryBytes(parts);
    for (let i = 0; i < count; i++) bounds[i] = bytes * i;
    return bounds;
  }
  for (let i = 0; i < count; i++) bounds[i] = (offsets[i] as number) - header.keylen;
  for (let i = 0; i < count; i++) {
    if ((bounds[i] as number) < 0 || (bounds[i] as number) > (bounds[i + 1] as number)) {
      throw new CorruptFileError('entry offsets of a basket do not ascend', {
        expected: `at most ${bounds[i + 1]}`,
        found: bounds[i] as number,
      });
    }
  }
  return bounds;
}
