/** Proof that every event was done exactly once: the events of all logs are counted when the workers have ended. */

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

/** A list that counts all and names the first. */
class Named {
  readonly first: number[] = [];
  count = 0;

  add(event: number): void {
    if (this.count++ < NAMED_EVENTS) this.first.push(event);
  }
}

/** Events that are not done exactly once. */
interface WrongEvents {
  missing: Named;
  repeated: Named;
  stray: Named;
}

/** Events of a worker; undefined when it kept no log. */
export type EventList = readonly number[] | Float64Array | undefined;

/** Holds the events of all logs against those the job should have (`first` to `first + expected - 1`). */
export function countEvents(logs: readonly EventList[], first: number, expected: number | undefined): EventCount {
  const known = logs.some((log) => log !== undefined);
  const wrong: WrongEvents = { missing: new Named(), repeated: new Named(), stray: new Named() };
  const counted = expected === undefined ? countUnbounded(logs, wrong) : countExpected(logs, first, expected, wrong);
  // Where nobody kept a log nothing is known of any event.
  const missing = known ? wrong.missing : new Named();
  return {
    ...(expected !== undefined && { expected }),
    ...(known && { counted }),
    missingCount: missing.count,
    repeatedCount: wrong.repeated.count,
    strayCount: wrong.stray.count,
    missing: missing.first,
    repeated: wrong.repeated.first,
    stray: wrong.stray.first,
  };
}

/** Number of events from `first` on, of `expected` ones, that were done. */
function countExpected(logs: readonly EventList[], first: number, expected: number, { missing, repeated, stray }: WrongEvents): number {
  /** 0, 1, or 2 for more than once. */
  const times = new Uint8Array(expected);
  for (const log of logs) {
    for (const event of log ?? []) {
      const index = event - first;
      if (!Number.isInteger(index) || index < 0 || index >= expected) stray.add(event);
      else if (times[index] === 0) times[index] = 1;
      else if (times[index] === 1) {
        times[index] = 2;
        repeated.add(event);
      }
    }
  }
  let counted = 0;
  times.forEach((count, index) => {
    if (count !== 0) counted++;
    else missing.add(first + index);
  });
  return counted;
}

/** Number of different events where nobody said how many there should be. */
function countUnbounded(logs: readonly EventList[], { repeated }: WrongEvents): number {
  const all = new Float64Array(logs.reduce((count, log) => count + (log?.length ?? 0), 0));
  let at = 0;
  for (const log of logs) {
    all.set(log ?? [], at);
    at += log?.length ?? 0;
  }
  all.sort();
  let different = 0;
  for (let i = 0; i < all.length; i++) {
    if (i === 0 || !Object.is(all[i], all[i - 1])) different++;
    else if (i === 1 || !Object.is(all[i - 1], all[i - 2])) repeated.add(all[i] as number);
  }
  return different;
}
