/** The user block: what another program has put ahead of the superblock of an HDF5 file. */
import { createHash } from 'node:crypto';
import { openSource, type Source } from '../bytes/source.ts';
import { superblockPosition } from './superblock.ts';

/** Bytes that are read at once. */
const PIECE_BYTES = 256 * 1024;

/** A digest of the user block of a file, without the zeros at its end; empty where it holds nothing else. */
export function userBlockDigest(path: string): string {
  const source = openSource(path);
  try {
    const end = contentEnd(source, superblockPosition(source));
    if (end === 0) return '';
    const hash = createHash('sha256');
    for (let at = 0; at < end; at += PIECE_BYTES) hash.update(source.read(at, Math.min(PIECE_BYTES, end - at)));
    return hash.digest('hex');
  } finally {
    source.close();
  }
}

/** Position behind the last byte below `limit` that is not zero. */
function contentEnd(source: Source, limit: number): number {
  for (let end = limit; end > 0;) {
    const begin = Math.max(0, end - PIECE_BYTES);
    const last = source.read(begin, end - begin).findLastIndex((byte) => byte !== 0);
    if (last >= 0) return begin + last + 1;
    end = begin;
  }
  return 0;
}
