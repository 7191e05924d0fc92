/** The functions of a module job as an algorithm of the event loop. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../errors.ts';
import type { Algorithm } from './event-loop-mgr.ts';
import { noteMemory } from './memory-log.ts';
import type { JobContext, JobDefinition } from './job.ts';

/** Imports a job; UsageError when the module's default export is none. */
export async function loadJob(path: string): Promise<JobDefinition> {
  const module = (await import(pathToFileURL(path).href)) as { default?: Partial<JobDefinition> };
  const definition = module.default;
  if (typeof definition?.execute !== 'function') throw new UsageError('a job needs a default export with a function execute(event): export default defineJob({ … })', { file: path });
  return definition as JobDefinition;
}

/** A job as one algorithm; finished events and memory are noted in their logs, if there are any. */
export function jobAlgorithm(definition: JobDefinition, context: JobContext, logs: { events?: string | undefined; memory?: string | undefined } = {}): Algorithm {
  const { events: eventLog, memory: memoryLog } = logs;
  let finished = 0;
  const log = eventLog === undefined ? undefined : openSync(eventLog, 'a');
  const note = (event: number): void => {
    if (log !== undefined) writeSync(log, `${event}\n`);
    finished++;
    if (memoryLog !== undefined) noteMemory(memoryLog, finished);
  };
  return {
    initialize: async () => {
      await definition.initialize?.(context);
      if (memoryLog !== undefined) noteMemory(memoryLog, finished);
    },
    execute: (event) => {
      const result = definition.execute(event, context);
      return result instanceof Promise ? result.then(() => note(event)) : note(event);
    },
    finalize: async () => {
      await definition.finalize?.(context);
      if (log !== undefined) closeSync(log);
    },
  };
}
