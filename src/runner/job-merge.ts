/** The step after the job: merge what belongs together, then tidy up. Nothing is removed that is not in a verified output. */
import { existsSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WorkerError } from '../errors.ts';
import { checkTarget } from '../io/bytes/target.ts';
import { inputFormat } from '../merge/input-format.ts';
import { merge } from '../merge/merge.ts';
import type { JobOptions } from './job.ts';
import { outputsXml, type OutputReport } from './job-report.ts';
import { makeFolder } from './system-errors.ts';
import { joinLogs } from './workers/log-tail.ts';
import { OWN_FILES, groupOutputs, targetsOf, type OutputFiles } from './outputs.ts';
import { WORKER_LOG, type WorkerShare } from './workers/worker-share.ts';

/** Name of the report in the job directory that scripts of this field look for. */
const OUTPUTS_XML = 'AthenaMPOutputs';

/**
 * Merges the files of equal name of all workers.
 * @param parts directories that hold these files merged in pieces already, in the order of the workers
 * @throws WorkerError when a worker lacks a file that others have
 * @throws what merge throws; outputs merged before that stay
 */
export async function mergeOutputs(
  jobPath: string,
  shares: readonly WorkerShare[],
  options: JobOptions,
  parts?: readonly string[],
): Promise<{ groups: OutputFiles[]; outputs: OutputReport[] }> {
  const { output, merge: mergeOptions, signal, force } = options;
  const groups = groupOutputs(shares.map(({ directory }) => directory));
  requireAll(groups, shares);
  if (groups.length === 0 && options.noMerge !== true) {
    throw new WorkerError('and all others wrote no file that can be merged', { worker: 0 });
  }
  writeFileSync(join(jobPath, OUTPUTS_XML), outputsXml(groups));
  if (options.noMerge === true || output === undefined) return { groups, outputs: [] };
  const targets = targetsOf(groups, output);
  for (const target of targets) {
    makeFolder(dirname(target));
    checkTarget(target, force === true);
  }
  const outputs: OutputReport[] = [];
  for (const [i, { name, files }] of groups.entries()) {
    const inputs = parts?.map((part) => join(part, name)) ?? files;
    const report = await merge(inputs, {
      ...optionsFor(files, mergeOptions),
      output: targets[i] as string,
      ...(force !== undefined && { force }),
      ...(signal !== undefined && { signal }),
    });
    outputs.push({ name, merge: report });
  }
  return { groups, outputs };
}

/** Compression and dates of records concern ROOT files only. */
export function optionsFor(files: readonly string[], options: JobOptions['merge']): JobOptions['merge'] {
  if (options === undefined || inputFormat(files) === 'root') return options;
  const { compression: _compression, timestamp: _timestamp, ...rest } = options;
  return rest;
}

/** Throws a WorkerError unless every worker has written all files that others have. */
export function requireAll(groups: readonly OutputFiles[], shares: readonly WorkerShare[]): void {
  for (const { name } of groups) {
    const lacking = shares.find(({ directory }) => !existsSync(join(directory, name)));
    if (lacking !== undefined) {
      throw new WorkerError(`wrote no ${name}, others did`, { worker: lacking.worker, logPath: join(lacking.directory, WORKER_LOG) });
    }
  }
}

/** Joins the logs of the workers in the job directory. */
export function keepLogs(jobPath: string, shares: readonly WorkerShare[]): void {
  const logs = shares.map(({ worker, directory }) => ({ worker, path: join(directory, WORKER_LOG) }));
  joinLogs(
    join(jobPath, 'job.log'),
    logs.filter(({ path }) => existsSync(path)),
  );
}

/** Removes what was merged, logs and event logs; a directory in which something else lies stays with it. */
export function removeMerged(shares: readonly WorkerShare[], groups: readonly OutputFiles[]): void {
  for (const path of groups.flatMap(({ files }) => files)) {
    rmSync(path, { force: true });
    removeEmpty(dirname(path), shares);
  }
  for (const { directory } of shares) {
    for (const name of OWN_FILES) rmSync(join(directory, name), { force: true });
    removeEmpty(directory, shares);
  }
}

/** Removes a folder of a worker, and those above it up to the worker's own, while they are empty. */
function removeEmpty(folder: string, shares: readonly WorkerShare[]): void {
  try {
    rmdirSync(folder);
  } catch {
    return; // something else lies there
  }
  if (!shares.some(({ directory }) => directory === folder)) removeEmpty(dirname(folder), shares);
}
