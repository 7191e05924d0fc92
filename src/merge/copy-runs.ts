/**
 * Raw copy of many records of one input in coalesced runs: neighbours are read with one read and
 * written with one write, headers are patched in the buffer, payloads are never touched. While a run is
 * written the next one is read, on a thread of the system's pool.
 */
import { CorruptFileError } from '../errors.ts';
import type { Source } from '../io/bytes/source.ts';
import type { Sink } from '../io/bytes/sink.ts';
import type { Progress } from './progress.ts';

/** Bytes per run: many enough that waiting for the other thread costs little. */
export const RUN_BYTES: number = 2 * 1024 * 1024;
/** Gaps up to this size are read over (and left out) instead of starting a new read. */
const MAX_GAP_BYTES = 16 * 1024;

/** Records of one input, ascending in position, as columns. */
export interface RecordColumns {
  count: number;
  /** File offset of each record in the input. */
  position: Float64Array;
  /** Its length in bytes. */
  bytes: Float64Array | Int32Array | Uint32Array;
}

/** Called for every record before it is written; may change bytes in place. */
export interface RecordVisitor {
  /**
   * `buffer` holds the record from index `at`: all of it when `whole` is set or it fits a run,
   * else its first RUN_BYTES. `newPosition` is its file offset in the output.
   */
  visit(buffer: Uint8Array, view: DataView, at: number, record: number, newPosition: number): void;
}

/** What copying runs needs to know. */
export interface CopyRunsOptions {
  progress: Progress;
  /** Every record must be whole in the buffer when visited (to be decompressed); default false. */
  whole?: boolean;
}

/** Two buffers for all copies, so that one is read while the other is written; grown when a visitor wants larger records whole. */
let sharedBuffers: [RunBuffer, RunBuffer] | undefined;

interface RunBuffer {
  bytes: Uint8Array;
  view: DataView;
}

function runBuffers(bytes: number): [RunBuffer, RunBuffer] {
  if (sharedBuffers === undefined || sharedBuffers[0].bytes.length < bytes) sharedBuffers = [runBuffer(bytes), runBuffer(bytes)];
  return sharedBuffers;
}

function runBuffer(bytes: number): RunBuffer {
  const buffer = new ArrayBuffer(bytes);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}

/** Copies the records to the end of the sink, in order. CorruptFileError when records overlap. */
export async function copyRecords(
  source: Source,
  sink: Sink,
  records: RecordColumns,
  visitor: RecordVisitor,
  options: CopyRunsOptions,
): Promise<void> {
  const capacity = options.whole === true ? Math.max(RUN_BYTES, largest(records)) : RUN_BYTES;
  let [buffer, spare] = runBuffers(capacity);
  let piece = pieceAfter(source, records, capacity);
  if (piece !== undefined) source.readInto(buffer.bytes, 0, piece.bytes, piece.start);
  while (piece !== undefined) {
    const next = pieceAfter(source, records, capacity, piece);
    const ahead = next && startRead(source, spare.bytes, next);
    try {
      sink.append(buffer.bytes, 0, visitPiece(piece, buffer, records, visitor, sink.position));
      await options.progress.step(piece.bytes);
    } finally {
      await ahead?.ended; // until then the buffer belongs to the read
    }
    ahead?.check();
    [buffer, spare] = [spare, buffer];
    piece = next;
  }
}

/** What one read fetches: records [first, stop), or a part of one that is larger than a run. */
interface Piece {
  /** File offset in the input. */
  start: number;
  bytes: number;
  first: number;
  stop: number;
  /** Bytes of record `first` before this piece. */
  done: number;
}

/** A read under way. */
interface PieceRead {
  /** Never rejects. */
  ended: Promise<void>;
  /** Throws what the read met. */
  check: () => void;
}

function startRead(source: Source, target: Uint8Array, piece: Piece): PieceRead {
  let failure: { reason: unknown } | undefined;
  const ended = source.readIntoAhead(target, 0, piece.bytes, piece.start).catch((reason: unknown) => {
    failure = { reason };
  });
  return {
    ended,
    check: () => {
      if (failure !== undefined) throw failure.reason;
    },
  };
}

function largest(records: RecordColumns): number {
  let most = 0;
  for (let i = 0; i < records.count; i++) most = Math.max(most, records.bytes[i] as number);
  return most;
}

/** The piece that follows another, or the first; undefined after the last record. */
function pieceAfter(source: Source, records: RecordColumns, capacity: number, last?: Piece): Piece | undefined {
  if (last !== undefined && last.done + last.bytes < (records.bytes[last.first] as number)) {
    return partOfLarge(records, capacity, last.first, last.done + last.bytes);
  }
  const first = last?.stop ?? 0;
  if (first >= records.count) return undefined;
  if (first > 0) checkOrder(source, records, first);
  return (records.bytes[first] as number) > capacity ? partOfLarge(records, capacity, first, 0) : pieceOfMany(source, records, capacity, first);
}

function partOfLarge({ position, bytes }: RecordColumns, capacity: number, record: number, done: number): Piece {
  const length = Math.min(capacity, (bytes[record] as number) - done);
  return { start: (position[record] as number) + done, bytes: length, first: record, stop: record + 1, done };
}

/** Records from `first` on that fit one buffer. */
function pieceOfMany(source: Source, records: RecordColumns, capacity: number, first: number): Piece {
  const { position, bytes, count } = records;
  const start = position[first] as number;
  let end = start + (bytes[first] as number);
  let stop = first + 1;
  while (stop < count) {
    const at = position[stop] as number;
    const nextEnd = at + (bytes[stop] as number);
    if (at - end > MAX_GAP_BYTES || nextEnd - start > capacity) break;
    checkOrder(source, records, stop);
    end = nextEnd;
    stop++;
  }
  return { start, bytes: end - start, first, stop, done: 0 };
}

function checkOrder(source: Source, { position, bytes }: RecordColumns, i: number): void {
  const at = position[i] as number;
  const previousEnd = (position[i - 1] as number) + (bytes[i - 1] as number);
  if (at < previousEnd) {
    throw new CorruptFileError('records overlap', { file: source.path, offset: at, expected: `at least ${previousEnd}`, found: at });
  }
}

/** Closes the gaps between records in the buffer and lets the visitor see each; returns the bytes to write. */
function visitPiece(piece: Piece, buffer: RunBuffer, records: RecordColumns, visitor: RecordVisitor, newPosition: number): number {
  if (piece.done > 0) return piece.bytes; // its head was visited
  let packed = 0;
  for (let i = piece.first; i < piece.stop; i++) {
    const at = (records.position[i] as number) - piece.start;
    const length = Math.min(records.bytes[i] as number, piece.bytes);
    if (at !== packed) buffer.bytes.copyWithin(packed, at, at + length);
    visitor.visit(buffer.bytes, buffer.view, packed, i, newPosition + packed);
    packed += length;
  }
  return packed;
}
