/** Bytes of entries that do not depend on their place. */
import { isPoolMergeError } from '../../errors.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import type { EntryPlace } from './entry-streams.ts';

/** Where the bytes of an entry stand; of a whole object anew, because tags inside count from the start of its basket. */
export function canonicalRange({ entries, start, end }: EntryPlace): { data: Uint8Array; start: number; end: number } {
  if (entries.graph === undefined) return { data: entries.data, start, end };
  try {
    const data = encodeGraph(entries.graph(start, end), { keylen: 0 });
    return { data, start: 0, end: data.length };
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    return { data: entries.data, start, end };
  }
}
