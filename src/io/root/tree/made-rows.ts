/** Rows that no input holds: baskets built from entries, for bookkeeping that is written anew and for missing branches. */
import { BigEndianWriter } from '../../bytes/big-endian.ts';
import { BIG_KEY_FIXED_BYTES, BIG_KEY_VERSION, KEY_VERSION } from '../container/key.ts';
import { emptyBasketHeader, type BasketParts } from './basket.ts';

/** All rows of one branch of one part of a merged tree. */
export interface MadeRows {
  /** Entries in all. */
  entryCount: number;
  /** Baskets in order, built when they are written. */
  baskets: readonly { firstEntry: number; parts: () => BasketParts }[];
  /** Characters of the longest text, for a branch of one TLeafC. */
  longestText: number;
}

/** What the records of a branch have in common. */
export interface MadeBranch {
  branchName: Uint8Array;
  treeName: Uint8Array;
  /** True where the branch stores an offset per entry (fEntryOffsetLen above 0). */
  hasOffsets: boolean;
  /** Packed TDatime. */
  datime: number;
}

/** TBasket version of ROOT 5 and 6. */
const BASKET_VERSION = 3;
/** Data of one made basket, bytes; about what ROOT writes. */
const BASKET_BYTES = 32_000;

/** Rows with the given entries. */
export function rowsOfEntries(branch: MadeBranch, entries: readonly Uint8Array[]): MadeRows {
  const baskets: { firstEntry: number; parts: () => BasketParts }[] = [];
  for (let from = 0; from < entries.length;) {
    let to = from;
    let bytes = 0;
    while (to < entries.length && (to === from || bytes + (entries[to] as Uint8Array).length <= BASKET_BYTES)) {
      bytes += (entries[to++] as Uint8Array).length;
    }
    const range = entries.slice(from, to);
    baskets.push({ firstEntry: from, parts: () => basketOf(branch, range) });
    from = to;
  }
  return { entryCount: entries.length, baskets, longestText: entries.reduce((most, entry) => Math.max(most, entry.length - 1), 0) };
}

/** The same entry `count` times. */
export function rowsOfEqualEntries(branch: MadeBranch, entry: Uint8Array, count: number): MadeRows {
  const perBasket = Math.max(1, Math.floor(BASKET_BYTES / (entry.length + 4)));
  const basketCount = Math.ceil(count / perBasket);
  const baskets = Array.from({ length: basketCount }, (_, i) => {
    const firstEntry = i * perBasket;
    const entries = Math.min(perBasket, count - firstEntry);
    return { firstEntry, parts: () => basketOf(branch, new Array<Uint8Array>(entries).fill(entry)) };
  });
  return { entryCount: count, baskets, longestText: Math.max(0, entry.length - 1) };
}

function basketOf(branch: MadeBranch, entries: readonly Uint8Array[]): BasketParts {
  const data = Buffer.concat(entries);
  const { source, keylen } = keyOf(branch, entries, data.length);
  const header = emptyBasketHeader();
  header.keyVersion = KEY_VERSION + BIG_KEY_VERSION;
  header.keylen = keylen;
  header.datime = branch.datime;
  header.cycle = 1;
  header.stringsAt = BIG_KEY_FIXED_BYTES;
  header.nevBuf = entries.length;
  header.last = keylen + data.length;
  return { header, source, data, offsets: branch.hasOffsets ? offsetsOf(entries, keylen) : undefined, displacements: undefined };
}

/** A key header as ROOT writes it; what encodeBasketRecord sets itself is left zero. */
function keyOf(branch: MadeBranch, entries: readonly Uint8Array[], dataBytes: number): { source: Uint8Array; keylen: number } {
  const w = new BigEndianWriter(256);
  w.raw(new Uint8Array(BIG_KEY_FIXED_BYTES));
  w.tstring('TBasket');
  w.tstringBytes(branch.branchName);
  w.tstringBytes(branch.treeName);
  w.i16(BASKET_VERSION);
  w.i32(Math.max(dataBytes, BASKET_BYTES));
  w.i32(branch.hasOffsets ? Math.max(entries.length, 1000) : (entries[0]?.length ?? 0));
  w.i32(entries.length);
  w.i32(0);
  w.u8(0);
  const source = w.done();
  return { source, keylen: source.length };
}

function offsetsOf(entries: readonly Uint8Array[], keylen: number): Int32Array {
  let at = keylen;
  return Int32Array.from(entries, (entry) => {
    const start = at;
    at += entry.length;
    return start;
  });
}
