/**
 * The shared queue of events, for events that take unequal time: chunks of neighbouring events go to whichever worker
 * comes to them first. A chunk is claimed by a hard link of the worker's token, `queue/worker_2`, to `queue/chunk_17`:
 * one link wins, and what a worker claimed is still known when it is dead.
 *
 *   POOL_QUEUE          folder with tokens and claims
 *   POOL_QUEUE_CHUNK    events per chunk
 *   POOL_QUEUE_FIRST    first event of the job
 *   POOL_QUEUE_EVENTS   number of events of the job
 */
import { linkSync, mkdirSync, readdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Algorithm } from './event-loop-mgr.ts';

/** Chunks per worker: enough to level out, few enough to cost nothing. */
const CHUNKS_PER_WORKER = 64;

/** Where the queue of a job lies, and how it is cut. */
export interface EventQueue {
  /** Absolute path of its folder. */
  readonly folder: string;
  readonly chunkEvents: number;
  readonly firstEvent: number;
  readonly eventCount: number;
}

/** The queue of a job. */
export function queueOf(jobDirectory: string, workerCount: number, firstEvent: number, eventCount: number): EventQueue {
  const chunkEvents = Math.max(1, Math.ceil(eventCount / (workerCount * CHUNKS_PER_WORKER)));
  return { folder: join(jobDirectory, 'queue'), chunkEvents, firstEvent, eventCount };
}

/** Names of the variables of a queue. */
export const QUEUE_VARIABLES: readonly string[] = ['POOL_QUEUE', 'POOL_QUEUE_CHUNK', 'POOL_QUEUE_FIRST', 'POOL_QUEUE_EVENTS'];

/** What a worker finds in its environment. */
export function queueEnvironment(queue: EventQueue): Record<string, string> {
  return {
    POOL_QUEUE: queue.folder,
    POOL_QUEUE_CHUNK: String(queue.chunkEvents),
    POOL_QUEUE_FIRST: String(queue.firstEvent),
    POOL_QUEUE_EVENTS: String(queue.eventCount),
  };
}

/** Makes a worker's token; what a former attempt of that worker had claimed is free again. */
export function prepareQueue(queue: EventQueue, worker: number): void {
  mkdirSync(queue.folder, { recursive: true });
  const token = join(queue.folder, `worker_${worker}`);
  const old = statSync(token, { throwIfNoEntry: false })?.ino;
  if (old === undefined) return writeFileSync(token, `${worker}\n`);
  const claims = readdirSync(queue.folder).filter((name) => name.startsWith('chunk_'));
  for (const claim of claims.map((name) => join(queue.folder, name))) {
    if (statSync(claim, { throwIfNoEntry: false })?.ino === old) unlinkSync(claim);
  }
}

/** Removes the claims: whoever asks after that gets every event anew. */
export function removeQueue(queue: EventQueue): void {
  rmSync(queue.folder, { recursive: true, force: true });
}

/** Accepts the events of the chunks that this worker claims; a chunk is claimed when its first event comes. */
export class QueueFilter implements Algorithm {
  readonly #queue: EventQueue;
  readonly #token: string;
  #chunk = -1;
  #owned = false;

  constructor(queue: EventQueue, worker: number) {
    this.#queue = queue;
    this.#token = join(queue.folder, `worker_${worker}`);
  }

  execute(event: number): boolean {
    const chunk = Math.floor((event - this.#queue.firstEvent) / this.#queue.chunkEvents);
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#owned = this.#claim(chunk);
    }
    return this.#owned;
  }

  #claim(chunk: number): boolean {
    try {
      linkSync(this.#token, join(this.#queue.folder, `chunk_${chunk}`));
      return true;
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw err;
    }
  }
}
