/** Reads the header of a ROOT file, and tells whether the file was closed: else what it says is not all that is there. */
import { CorruptFileError } from '../../errors.ts';
import { BigEndianReader } from '../bytes/big-endian.ts';
import type { Source } from '../bytes/source.ts';
import { PARSED_HEADER_BYTES, parseFileHeader, type FileHeader } from './container/file-header.ts';
import { parseFreeSegments } from './container/free-segments.ts';
import { BIG_KEY_FIXED_BYTES, SEEK_KEY_AT, SMALL_KEY_FIXED_BYTES, isBigKey, parseKey } from './container/key.ts';

/** The header; CorruptFileError for a file that is empty, cut or was never closed. */
export function readFileHeader(source: Source): FileHeader {
  if (source.sizeBytes === 0) throw new CorruptFileError('file is empty', { file: source.path });
  const header = parseFileHeader(source.read(0, Math.min(PARSED_HEADER_BYTES, source.sizeBytes)));
  if (header.end > source.sizeBytes) {
    throw new CorruptFileError('file is truncated', { expected: `${header.end} bytes`, found: `${source.sizeBytes} bytes` });
  }
  if (header.seekFree === 0) throw new CorruptFileError('file has no free-segment record: it was never closed', { offset: 16 });
  if (header.seekFree < header.begin || header.seekFree + header.nbytesFree > header.end) {
    throw new CorruptFileError('free-segment record lies outside the file', {
      offset: 16,
      expected: `at most ${header.end}`,
      found: header.seekFree + header.nbytesFree,
    });
  }
  if (header.end < source.sizeBytes) checkTail(source, header);
  return header;
}

/**
 * A file may be longer than fEND: ROOT moves fEND back when it frees the last records, and leaves
 * the bytes. A record that stands at fEND, or free segments that end elsewhere, mean that the file
 * was written to after its header: it was never closed, and what follows would be lost.
 */
function checkTail(source: Source, header: FileHeader): void {
  const tail = new BigEndianReader(source.read(header.end, Math.min(BIG_KEY_FIXED_BYTES, source.sizeBytes - header.end)));
  const free = source.read(header.seekFree, header.nbytesFree);
  const key = parseKey(new BigEndianReader(free, 0, undefined, header.seekFree));
  const last = parseFreeSegments(free.subarray(key.keylen)).at(-1);
  if (last?.first === header.end && !isRecordAt(tail, header.end)) return;
  throw new CorruptFileError('file has records after its end: it was never closed', {
    offset: header.end,
    expected: `${header.end} bytes`,
    found: `${source.sizeBytes} bytes`,
  });
}

/** True when a key header stands at the reader's position that names this very position. */
function isRecordAt(r: BigEndianReader, at: number): boolean {
  if (r.remaining < SMALL_KEY_FIXED_BYTES) return false;
  const [nbytes, version] = [r.i32(), r.u16()];
  r.take(SEEK_KEY_AT - 6);
  const big = isBigKey(version);
  if (big && r.remaining < 8) return false;
  return nbytes > 0 && (big ? Number(r.i64()) : r.u32()) === at;
}
