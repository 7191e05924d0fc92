/**
 * Raw copy of many records of one input in coalesced runs: neighbours are read with one read and
 * written together, headers are patched in the buffer, payloads are never touched. While a run is
 * written the next ones are read, on threads of the system's pool.
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
  /**
   * Does at once what visiting records [first, stop) one by one would do, and closes the gaps between them: returns the bytes to
   * write; undefined when they must be visited one by one. `run` holds them as in the input, and stays as it is.
   */
  visitRun?(run: Uint8Array, first: number, stop: number, newPosition: number): Uint8Array | undefined;
}

/** What copying runs needs to know. */
export interface CopyRunsOptions {
  progress: Progress;
  /** Every record must be whole in the buffer when visited (to be decompressed); default false. */
  whole?: boolean;
}

/** Buffers that are read while another is written. */
const BUFFER_COUNT = 3;
/** Those of the copy that ended last, for the next one: merges may run at the same time, and each copy needs its own. */
let idleBuffers: RunBuffer[] = [];

interface RunBuffer {
  bytes: Uint8Array;
  view: DataView;
}

/** Buffers of at least so many bytes that no other copy uses until they are given back. */
function takeBuffers(bytes: number): RunBuffer[] {
  const taken = idleBuffers;
  idleBuffers = [];
  const isFit = taken.length > 0 && taken.every((buffer) => buffer.bytes.length >= bytes);
  return isFit ? taken : Array.from({ length: BUFFER_COUNT }, () => runBuffer(bytes));
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
  const pieces = piecesOf(source, records, capacity);
  const ahead: PieceRead[] = [];
  const buffers = takeBuffers(capacity);
  try {
    for (const buffer of buffers) startNext(source, pieces, buffer, ahead);
    for (let read = ahead.shift(); read !== undefined; read = ahead.shift()) {
      const { piece, buffer } = read;
      await read.ended;
      read.check();
      sink.append(visitPiece(piece, buffer, records, visitor, sink.position));
      startNext(source, pieces, buffer, ahead);
      await options.progress.step(piece.bytes);
    }
  } finally {
    for (const read of ahead) await read.ended; // until then the buffers belong to the reads
    idleBuffers = buffers;
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

/** A read under way into a buffer, which belongs to it until it has ended. */
interface PieceRead {
  piece: Piece;
  buffer: RunBuffer;
  /** Never rejects. */
  ended: Promise<void>;
  /** Throws what the read met. */
  check: () => void;
}

/** Starts the read of the next piece, when there is one; does it at once when there is nothing to work on meanwhile. */
function startNext(source: Source, pieces: Iterator<Piece>, buffer: RunBuffer, ahead: PieceRead[]): void {
  const { value: piece } = pieces.next();
  if (piece === undefined) return;
  if (ahead.length === 0) {
    source.readInto(buffer.bytes, 0, piece.bytes, piece.start);
    ahead.push({ piece, buffer, ended: Promise.resolve(), check: () => {} });
    return;
  }
  let failure: { reason: unknown } | undefined;
  const ended = source.readIntoAhead(buffer.bytes, 0, piece.bytes, piece.start).catch((reason: unknown) => {
    failure = { reason };
  });
  const check = (): void => {
    if (failure !== undefined) throw failure.reason;
  };
  ahead.push({ piece, buffer, ended, check });
}

function largest(records: RecordColumns): number {
  let most = 0;
  for (let i = 0; i < records.count; i++) most = Math.max(most, records.bytes[i] as number);
  return most;
}

/** What is read, in order. */
function* piecesOf(source: Source, records: RecordColumns, capacity: number): Generator<Piece, undefined> {
  for (let first = 0; first < records.count;) {
    if (first > 0) checkOrder(source, records, first);
    const bytes = records.bytes[first] as number;
    if (bytes <= capacity) {
      const piece = pieceOfMany(source, records, capacity, first);
      yield piece;
      first = piece.stop;
      continue;
    }
    for (let done = 0; done < bytes; done += capacity) yield partOfLarge(records, capacity, first, done);
    first++;
  }
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
function visitPiece(piece: Piece, buffer: RunBuffer, records: RecordColumns, visitor: RecordVisitor, newPosition: number): Uint8Array {
  const run = buffer.bytes.subarray(0, piece.bytes);
  if (piece.done > 0) return run; // its head was visited
  const isWhole = (records.bytes[piece.first] as number) <= piece.bytes;
  const visited = isWhole ? visitor.visitRun?.(run, piece.first, piece.stop, newPosition) : undefined;
  if (visited !== undefined) return visited;
  let packed = 0;
  for (let i = piece.first; i < piece.stop; i++) {
    const at = (records.position[i] as number) - piece.start;
    const length = Math.min(records.bytes[i] as number, piece.bytes);
    if (at !== packed) run.copyWithin(packed, at, at + length);
    visitor.visit(run, buffer.view, packed, i, newPosition + packed);
    packed += length;
  }
  return run.subarray(0, packed);
}
