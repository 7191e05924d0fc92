/**
 * Raw copy of many records of one input in coalesced runs: neighbours are read with one read and
 * written with one write, headers are patched in the staging buffer, payloads are never touched.
 */
import { CorruptFileError } from '../errors.ts';
import type { Source } from '../io/bytes/source.ts';
import type { Sink } from '../io/bytes/sink.ts';
import type { Progress } from './progress.ts';

/** Bytes per run: larger buffers are slower on page-cached files. */
const RUN_BYTES = 256 * 1024;
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
   * else its first 256 KB. `newPosition` is its file offset in the output.
   */
  visit(buffer: Uint8Array, view: DataView, at: number, record: number, newPosition: number): void;
}

/** What copying runs needs to know. */
export interface CopyRunsOptions {
  progress: Progress;
  /** Every record must be whole in the buffer when visited (to be decompressed); default false. */
  whole?: boolean;
}

let sharedBuffer: Uint8Array = new Uint8Array(0);

/** One buffer for all copies: a run buffer, grown when a visitor wants larger records whole. */
function runBuffer(bytes: number): Uint8Array {
  if (sharedBuffer.length < bytes) sharedBuffer = new Uint8Array(bytes);
  return sharedBuffer;
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
  const buffer = runBuffer(capacity);
  const run = { source, sink, records, visitor, buffer, view: new DataView(buffer.buffer), capacity };
  for (let i = 0; i < records.count; ) {
    const from = records.position[i] as number;
    const next = (records.bytes[i] as number) > capacity ? copyLarge(run, i) : copyRun(run, i);
    i = next;
    const lastRecord = i - 1;
    await options.progress.step((records.position[lastRecord] as number) + (records.bytes[lastRecord] as number) - from);
  }
}

interface Run {
  source: Source;
  sink: Sink;
  records: RecordColumns;
  visitor: RecordVisitor;
  buffer: Uint8Array;
  view: DataView;
  capacity: number;
}

function largest(records: RecordColumns): number {
  let most = 0;
  for (let i = 0; i < records.count; i++) most = Math.max(most, records.bytes[i] as number);
  return most;
}

/** Copies records from `first` on that fit one buffer; returns the index after the last. */
function copyRun(run: Run, first: number): number {
  const { position, bytes, count } = run.records;
  const start = position[first] as number;
  let end = start + (bytes[first] as number);
  let stop = first + 1;
  while (stop < count) {
    const at = position[stop] as number;
    checkOrder(run, stop, end);
    const nextEnd = at + (bytes[stop] as number);
    if (at - end > MAX_GAP_BYTES || nextEnd - start > run.capacity) break;
    end = nextEnd;
    stop++;
  }
  run.source.readInto(run.buffer, 0, end - start, start);
  const packed = packAndVisit(run, first, stop, start);
  run.sink.append(run.buffer, 0, packed);
  return stop;
}

/** Closes the gaps between records in the buffer and lets the visitor see each; returns the bytes to write. */
function packAndVisit(run: Run, first: number, stop: number, start: number): number {
  const { position, bytes } = run.records;
  const outputStart = run.sink.position;
  let packed = 0;
  for (let i = first; i < stop; i++) {
    const at = (position[i] as number) - start;
    const length = bytes[i] as number;
    if (at !== packed) run.buffer.copyWithin(packed, at, at + length);
    run.visitor.visit(run.buffer, run.view, packed, i, outputStart + packed);
    packed += length;
  }
  return packed;
}

/** Streams one record that is larger than the buffer; its head is visited. */
function copyLarge(run: Run, i: number): number {
  const start = run.records.position[i] as number;
  const length = run.records.bytes[i] as number;
  for (let done = 0; done < length; ) {
    const n = Math.min(run.capacity, length - done);
    run.source.readInto(run.buffer, 0, n, start + done);
    if (done === 0) run.visitor.visit(run.buffer, run.view, 0, i, run.sink.position);
    run.sink.append(run.buffer, 0, n);
    done += n;
  }
  if (i + 1 < run.records.count) checkOrder(run, i + 1, start + length);
  return i + 1;
}

function checkOrder(run: Run, i: number, previousEnd: number): void {
  const at = run.records.position[i] as number;
  if (at < previousEnd) {
    throw new CorruptFileError('records overlap', { file: run.source.path, offset: at, expected: `at least ${previousEnd}`, found: at });
  }
}
