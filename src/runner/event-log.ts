/**
 * Proof that every event was done exactly once: workers append the number of each finished event to their
 * event log (one decimal number per line), and the numbers are counted when all have ended.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_LOG } from './worker-share.ts';

/** Event numbers named in a report; more are counted only. */
const NAMED_EVENTS = 20;

/** What the counting of events gave. */
export interface EventCount {
  /** Events the job should have; absent when their number is not known. */
  expected?: number;
  /** Events found in the logs of the workers; absent when no worker kept one. */
  counted?: number;
  missingCount: number;
  repeatedCount: number;
  /** Events nobody asked for. */
  strayCount: number;
  /** The first events missing and repeated. */
  missing: number[];
  repeated: number[];
  stray: number[];
}

/** Numbers in the event log of a worker's directory; undefined without log. A last line without its end is left out. */
export function readEventLog(directory: string): number[] | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, EVENT_LOG), 'latin1');
  } catch {
    return undefined;
  }
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  return complete.split('\n').filter((line) => line.trim() !== '').map(Number);
}

/** Counts the finished events of a running worker by the lines added since the last look. */
export class EventCounter {
  readonly #path: string;
  #sizeBytes = 0;
  #lines = 0;

  constructor(directory: string) {
    this.#path = join(directory, EVENT_LOG);
  }

  /** Number of lines now; undefined without log. */
  count(): number | undefined {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return undefined;
    if (size !== this.#sizeBytes) {
      this.#lines = readFileSync(this.#path, 'latin1').split('\n').length - 1;
      this.#sizeBytes = size;
    }
    return this.#lines;
  }
}

/** Holds the events of all logs against those the job should have (`first` to `first + expected - 1`). */
export function countEvents(logs: readonly (readonly number[] | undefined)[], first: number, expected: number | undefined): EventCount {
  const seen = new Map<number, number>();
  for (const event of logs.flatMap((log) => log ?? [])) seen.set(event, (seen.get(event) ?? 0) + 1);
  const repeated = [...seen].filter(([, count]) => count > 1).map(([event]) => event);
  const known = logs.some((log) => log !== undefined);
  const isExpected = (event: number): boolean => expected === undefined || (Number.isInteger(event) && event >= first && event < first + expected);
  const stray = [...seen.keys()].filter((event) => !isExpected(event));
  const missing = known && expected !== undefined ? Array.from({ length: expected }, (_, i) => first + i).filter((event) => !seen.has(event)) : [];
  return {
    ...(expected !== undefined && { expected }),
    ...(known && { counted: seen.size - stray.length }),
    missingCount: missing.length,
    repeatedCount: repeated.length,
    strayCount: stray.length,
    missing: missing.slice(0, NAMED_EVENTS),
    repeated: repeated.slice(0, NAMED_EVENTS),
    stray: stray.slice(0, NAMED_EVENTS),
  };
}
