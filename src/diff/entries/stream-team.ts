/**
 * Threads that compare the branches or columns of one object. All of them walk the same streams in the same order and claim each by
 * number in shared memory, so that none waits while there is work. What a thread could not compare, for whatever reason, is
 * left out of the result: the caller compares it again, and meets the same error.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { UsageError } from '../../errors.ts';
import { findPackageFile } from '../../io/bytes/package-file.ts';
import type { AbsentEntries } from './absent-parts.ts';
import { DifferenceList, type DifferenceLimits, type FoundDifferences } from '../object/difference.ts';
import type { ObjectPlace } from '../object/file-objects.ts';
import { compareStream, type SizedStream } from './stream-set.ts';
import type { Tolerance } from '../object/tolerance.ts';

const WORKER = 'dist/src/diff/compare-worker.js';
/** Most threads unless told otherwise: each takes about 75 MB, and a comparison should stay below 300 MB. */
const MOST_THREADS = 2;
/** Milliseconds between two looks at what others have done. */
const WAIT_MS = 2;

/** One object on both sides. */
export interface SharedObject {
  kind: 'tree' | 'rntuple';
  left: ObjectPlace;
  right: (ObjectPlace | AbsentEntries)[];
}

/** An object, and how it is compared. */
export interface ComparedObject extends SharedObject {
  tolerance: Tolerance;
}

/** Work for a thread. */
export interface StreamJob extends ComparedObject {
  number: number;
  /** The streams in order, with the limits of what is found in them. */
  streams: { name: string; limits: DifferenceLimits }[];
  claims: Int32Array;
  /** Number of the thread, from 1. */
  thread: number;
}

/** What a thread found in a stream; undefined: it could not be compared. */
export interface StreamAnswer {
  job: number;
  index: number;
  found: FoundDifferences | undefined;
}

/** In place of a thread's number: nothing differs. */
const EQUAL = -1;

/** Which thread compares which stream: an integer for each in shared memory, and one to stop all. */
export class StreamClaims {
  readonly #cells: Int32Array;

  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  /** Cells for a number of streams, none of them claimed. */
  static cells(count: number): Int32Array {
    return new Int32Array(new SharedArrayBuffer(4 * (count + 1)));
  }

  /** True when the stream is this thread's now; false when another has it, or all have stopped. */
  take(index: number, thread: number): boolean {
    return Atomics.load(this.#cells, this.#cells.length - 1) === 0 && Atomics.compareExchange(this.#cells, index, 0, thread) === 0;
  }

  /** Tells that nothing differs in a claimed stream. */
  setEqual(index: number): void {
    Atomics.store(this.#cells, index, EQUAL);
  }

  isEqual(index: number): boolean {
    return Atomics.load(this.#cells, index) === EQUAL;
  }

  /** The thread that compares a stream; 0: none. */
  holder(index: number): number {
    return Math.max(0, Atomics.load(this.#cells, index));
  }

  /** No stream is claimed any more. */
  stop(): void {
    Atomics.store(this.#cells, this.#cells.length - 1, 1);
  }
}

const NOTHING: FoundDifferences = { first: [], count: 0, distributions: undefined };

/** The threads of one run besides the caller's; they start with the first object that is worth it. */
export class StreamTeam implements Disposable {
  readonly #program: URL;
  readonly #size: number;
  /** By thread number - 1; undefined once it has ended. */
  readonly #workers: (Worker | undefined)[] = [];
  #jobs = 0;
  #onAnswer: (answer: StreamAnswer) => void = () => undefined;

  /** `size`: threads besides the caller's. */
  constructor(program: URL, size: number) {
    this.#program = program;
    this.#size = size;
  }

  /**
   * The team for a number of threads in all; undefined when that is one, or when the program of the others is missing.
   * UsageError for no such number.
   */
  static of(threads: number = Math.min(availableParallelism(), MOST_THREADS)): StreamTeam | undefined {
    if (!Number.isInteger(threads) || threads < 1) throw new UsageError(`threads must be a whole number of 1 or more, not ${threads}`);
    const program = threads === 1 ? undefined : findPackageFile(WORKER);
    return program && new StreamTeam(program, threads - 1);
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) void worker?.terminate();
  }

  /**
   * Compares streams on all threads; what was found by index. `step` is told after each stream, and while others are
   * awaited; throws to stop.
   */
  async compare(
    object: ComparedObject,
    streams: readonly SizedStream[],
    limitsOf: (name: string) => DifferenceLimits,
    step: () => Promise<void>,
  ): Promise<ReadonlyMap<number, FoundDifferences>> {
    const cells = StreamClaims.cells(streams.length);
    const claims = new StreamClaims(cells);
    const named = streams.map(({ name }) => ({ name, limits: limitsOf(name) }));
    const answers = this.#begin({ ...object, streams: named, claims: cells });
    for (const [index, stream] of streams.entries()) {
      if (!claims.take(index, this.#size + 1)) continue;
      answers.set(index, compareHere(stream, limitsOf(stream.name), claims));
      await step();
    }
    const isAwaited = (index: number): boolean => this.#workers[claims.holder(index) - 1] !== undefined && !answers.has(index);
    for (const index of streams.keys()) {
      while (isAwaited(index)) {
        await sleep(WAIT_MS);
        await step();
      }
    }
    const found = new Map<number, FoundDifferences>();
    for (const index of streams.keys()) {
      const answer = claims.isEqual(index) ? NOTHING : answers.get(index);
      if (answer !== undefined) found.set(index, answer);
    }
    return found;
  }

  /** Hands a job to the other threads; their answers come into the map. */
  #begin(job: Omit<StreamJob, 'number' | 'thread'>): Map<number, FoundDifferences | undefined> {
    const number = ++this.#jobs;
    const answers = new Map<number, FoundDifferences | undefined>();
    this.#onAnswer = (answer) => {
      if (answer.job === number) answers.set(answer.index, answer.found);
    };
    while (this.#workers.length < this.#size) this.#workers.push(this.#start(this.#workers.length));
    for (const [i, worker] of this.#workers.entries()) worker?.postMessage({ ...job, number, thread: i + 1 } satisfies StreamJob);
    return answers;
  }

  #start(slot: number): Worker {
    const worker = new Worker(this.#program, { execArgv: [] });
    const end = (): void => {
      this.#workers[slot] = undefined;
    };
    worker.on('message', (answer: StreamAnswer) => this.#onAnswer(answer));
    worker.on('error', end);
    worker.on('exit', end);
    worker.unref();
    return worker;
  }
}

/** Compares a stream on the caller's thread; undefined, and all stop, when it cannot be compared. */
function compareHere(stream: SizedStream, limits: DifferenceLimits, claims: StreamClaims): FoundDifferences | undefined {
  const differences = DifferenceList.within(limits);
  try {
    compareStream(stream, differences);
    return differences.found();
  } catch {
    claims.stop(); // what comes before it is claimed already; the caller meets the error again, in its turn
    return undefined;
  }
}
