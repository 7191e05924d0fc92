/**
 * Memory of workers at fixed points of a job, read inside the worker: shared memory counts as shared only while the others
 * live. One line per point: number of finished events, private kB, shared kB.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryOf, type MemoryUse } from './process-group.ts';
import { MEMORY_LOG } from './worker-share.ts';

/** Numbers of finished events at which memory is read. python/pool_bootstrap.py has the same ones. */
const POINTS: ReadonlySet<number> = new Set([0, 1, 50]);

/** Memory of a worker at one point. */
export interface MemoryPoint extends MemoryUse {
  /** Events it had finished. */
  events: number;
}

/** Notes this process's memory when the number of finished events is one of the points. */
export function noteMemory(path: string, finishedEvents: number): void {
  const memory = POINTS.has(finishedEvents) ? memoryOf(process.pid) : undefined;
  if (memory !== undefined) appendFileSync(path, `${finishedEvents} ${memory.privateBytes / 1024} ${memory.sharedBytes / 1024}\n`);
}

/** What a worker noted; undefined when it was not asked to. */
export function readMemoryLog(directory: string): MemoryPoint[] | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, MEMORY_LOG), 'latin1');
  } catch {
    return undefined;
  }
  const rows = [...text.matchAll(/^(\d+) (\d+) (\d+)$/gm)].map((match) => match.slice(1).map(Number));
  return rows.map(([events = 0, privateKb = 0, sharedKb = 0]) => ({
    events,
    privateBytes: privateKb * 1024,
    sharedBytes: sharedKb * 1024,
  }));
}
