/**
 * Read-ahead for metadata: key lists, directory records and keys are small and lie near each other,
 * one read fetches many. Two places of a file are usually read in turn (a directory's record and its
 * key list), so two windows are kept, shared by all sources.
 */

/** What fills a window. */
export interface WindowReader {
  readonly sizeBytes: number;
  readInto(target: Uint8Array, targetStart: number, length: number, position: number): void;
}

/** Bytes of a window once reads follow each other; files up to this size are read as a whole. */
export const WINDOW_BYTES: number = 256 * 1024;
/** Bytes of the first read at a new place: what follows may never be wanted. */
const FIRST_BYTES = 8 * 1024;

interface Window {
  owner: WindowReader | undefined;
  start: number;
  length: number;
  bytes: Uint8Array;
  /** Larger: used later. */
  lastUse: number;
}

function emptyWindow(): Window {
  return { owner: undefined, start: 0, length: 0, bytes: new Uint8Array(WINDOW_BYTES), lastUse: 0 };
}

type Pair = readonly [Window, Window];

let windows: Pair | undefined;
let uses = 0;

/** `length` bytes of `reader` at `position`, a fresh array. The range must lie inside the file and be at most half a window. */
export function readAhead(reader: WindowReader, position: number, length: number): Uint8Array {
  windows ??= [emptyWindow(), emptyWindow()];
  const window = windowWith(windows, reader, position, length) ?? refill(windows, reader, position, length);
  window.lastUse = ++uses;
  const from = position - window.start;
  return window.bytes.slice(from, from + length);
}

function windowWith(pair: Pair, reader: WindowReader, position: number, length: number): Window | undefined {
  if (holds(pair[0], reader, position, length)) return pair[0];
  return holds(pair[1], reader, position, length) ? pair[1] : undefined;
}

function holds(window: Window, reader: WindowReader, position: number, length: number): boolean {
  return window.owner === reader && position >= window.start && position + length <= window.start + window.length;
}

/** Goes on where a window ends, with a full one; at a new place begins with little. */
function refill(pair: Pair, reader: WindowReader, position: number, length: number): Window {
  const sequel = windowBefore(pair, reader, position);
  const window = sequel ?? (pair[0].lastUse <= pair[1].lastUse ? pair[0] : pair[1]);
  const whole = reader.sizeBytes <= WINDOW_BYTES;
  const start = whole ? 0 : position;
  const wanted = whole || sequel !== undefined ? WINDOW_BYTES : Math.max(FIRST_BYTES, length);
  window.owner = undefined; // a failing read must not leave a window that claims to be filled
  window.length = Math.min(wanted, reader.sizeBytes - start);
  reader.readInto(window.bytes, 0, window.length, start);
  window.owner = reader;
  window.start = start;
  return window;
}

/** The window whose end, or what lies little behind it, a read begins at. */
function windowBefore(pair: Pair, reader: WindowReader, position: number): Window | undefined {
  if (follows(pair[0], reader, position)) return pair[0];
  return follows(pair[1], reader, position) ? pair[1] : undefined;
}

function follows(window: Window, reader: WindowReader, position: number): boolean {
  const end = window.start + window.length;
  return window.owner === reader && position >= window.start && position <= end + WINDOW_BYTES / 4;
}

/** Forgets what was read of a source. */
export function dropReadAhead(reader: WindowReader): void {
  for (const window of windows ?? []) if (window.owner === reader) window.owner = undefined;
}
