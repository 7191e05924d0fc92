/** Rows that no input holds: baskets built from entries, for bookkeeping that is written anew and for missing branches. */
import { ENTRY_OFFSET_LENGTH, newBasket, type BasketParts } from './basket.ts';

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

function basketOf({ branchName, treeName, hasOffsets, datime }: MadeBranch, entries: readonly Uint8Array[]): BasketParts {
  const data = Buffer.concat(entries);
  const bufferSize = Math.max(data.length, BASKET_BYTES);
  const nevBufSize = hasOffsets ? Math.max(entries.length, ENTRY_OFFSET_LENGTH) : (entries[0]?.length ?? 0);
  const { header, source } = newBasket({ branchName, treeName, bufferSize, nevBufSize });
  const { keylen } = header;
  Object.assign(header, { datime, cycle: 1, nevBuf: entries.length, last: keylen + data.length });
  return { header, source, data, offsets: hasOffsets ? offsetsOf(entries, keylen) : undefined, displacements: undefined };
}

function offsetsOf(entries: readonly Uint8Array[], keylen: number): Int32Array {
  let at = keylen;
  return Int32Array.from(entries, (entry) => {
    const start = at;
    at += entry.length;
    return start;
  });
}
