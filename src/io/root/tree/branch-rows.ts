/**
 * Entries of one branch as byte ranges: baskets are read and decompressed one after the other,
 * stored and embedded ones alike. Values stay as they are stored; who knows the type decodes them.
 */
import { CorruptFileError, UnsupportedError, addContext } from '../../../errors.ts';
import { decompress } from '../../codec/payload.ts';
import type { RootFile } from '../root-file.ts';
import {
  GENERATED_OFFSETS_FLAG,
  checkBasketHeader,
  emptyBasketHeader,
  parseBasketHeader,
  parseBasketPayload,
  parseEmbeddedBasket,
  type BasketParts,
} from './basket.ts';
import { entriesOfBasket, type BasketTable } from './basket-table.ts';
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
  /** Worked out when asked for: CorruptFileError, UnsupportedError as `entryBounds`. */
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
  return rowsOf(parts, basket, table.firstEntry[basket] as number);
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
    const stored = record.subarray(header.keylen);
    return parseBasketPayload(header, record, stored.length >= header.objlen ? stored.subarray(0, header.objlen) : decompress(stored, header.objlen));
  } catch (err) {
    if (err instanceof CorruptFileError) err.offset = seek + (err.offset ?? 0);
    throw addContext(err, { file: file.path, offset: seek });
  }
}

function rowsOf(parts: BasketParts, basket: number, firstEntry: number): BasketRows {
  const { header, data } = parts;
  let bounds: Int32Array | undefined;
  return {
    basket, firstEntry, count: header.nevBuf, data, keylen: header.keylen, parts,
    get bounds() {
      return (bounds ??= entryBounds(parts));
    },
  };
}

/** Bytes of each entry of a basket whose entries are of one size; 0 where they vary. Errors as `entryBounds`. */
export function entryBytes({ header, data, offsets }: BasketParts): number {
  const count = header.nevBuf;
  if (offsets !== undefined || count === 0) return 0;
  if (header.flag >= GENERATED_OFFSETS_FLAG) throw new UnsupportedError('basket whose entry offsets are not stored');
  if (data.length % count !== 0) throw new CorruptFileError('entries of one size do not fill their basket', { expected: `a multiple of ${count}`, found: data.length });
  return data.length / count;
}

/** Where each entry of a basket begins in its data, and one past the last. */
export function entryBounds(parts: BasketParts): Int32Array {
  const { header, data, offsets } = parts;
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
      throw new CorruptFileError('entry offsets of a basket do not ascend', { expected: `at most ${bounds[i + 1]}`, found: bounds[i] as number });
    }
  }
  return bounds;
}
