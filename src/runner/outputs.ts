/** What workers wrote: files of equal name in their directories belong together. */
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { OutputError, PoolMergeError } from '../errors.ts';
import { compareNaturally } from '../io/bytes/input-files.ts';
import { planMerge } from '../merge/merge.ts';
import { EVENT_LOG, MEMORY_LOG, WORKER_LOG } from './worker-share.ts';

/** What the runner itself writes into a worker's directory. */
export const OWN_FILES: readonly string[] = [EVENT_LOG, MEMORY_LOG, WORKER_LOG];

/** Files of one name. */
export interface OutputFiles {
  /** Path below the worker's directory. */
  name: string;
  /** Paths, in the order of the workers. */
  files: string[];
}

/** What a worker left in its directory, as paths below it. */
export interface WorkerFiles {
  root: string[];
  /** Everything that is neither a ROOT file nor the runner's own. */
  other: string[];
}

/** Looks through a worker's directory; symbolic links are not followed into folders. */
export function listWorkerFiles(directory: string): WorkerFiles {
  const found: WorkerFiles = { root: [], other: [] };
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(directory, path);
      if (entry.isDirectory()) visit(path);
      else if (!OWN_FILES.includes(name)) found[isRootFile(path) ? 'root' : 'other'].push(name);
    }
  };
  visit(directory);
  found.root.sort(compareNaturally);
  found.other.sort(compareNaturally);
  return found;
}

/** True for a file that begins as ROOT files do, or is named like one. */
function isRootFile(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  if (path.endsWith('.root')) return true;
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(4);
    return readSync(descriptor, bytes, 0, 4, 0) === 4 && bytes.toString('latin1') === 'root';
  } finally {
    closeSync(descriptor);
  }
}

/** What is wrong with a ROOT file that a worker left (never closed, damaged); undefined when it is whole. */
export async function findIncompleteOutput(directory: string): Promise<string | undefined> {
  for (const name of listWorkerFiles(directory).root) {
    try {
      await planMerge([join(directory, name)]);
    } catch (err) {
      if (err instanceof PoolMergeError) return `left ${name} incomplete: ${err.reason}`;
      throw err;
    }
  }
  return undefined;
}

/** True when an output names a folder: it ends with a slash, or is one. */
export function isFolder(output: string): boolean {
  return output.endsWith('/') || statSync(output, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Groups the ROOT files of worker directories by name. */
export function groupOutputs(directories: readonly string[]): OutputFiles[] {
  const groups = new Map<string, string[]>();
  for (const directory of directories) {
    for (const name of listWorkerFiles(directory).root) {
      const files = groups.get(name);
      if (files === undefined) groups.set(name, [join(directory, name)]);
      else files.push(join(directory, name));
    }
  }
  return [...groups].map(([name, files]) => ({ name, files })).sort((a, b) => compareNaturally(a.name, b.name));
}

/** Worker directories of a job directory, in the order of their numbers. */
export function workerDirectories(job: string): string[] {
  const names = readdirSync(job, { withFileTypes: true }).filter((entry) => entry.isDirectory() && /^worker_\d+$/.test(entry.name));
  return names.map((entry) => join(job, entry.name)).sort(compareNaturally);
}

/**
 * Where merged files go: into a folder under their names, or, when there is one name only, under the name of the output.
 * @throws OutputError when several names would go into one file
 */
export function targetsOf(groups: readonly OutputFiles[], output: string): string[] {
  if (isFolder(output)) return groups.map(({ name }) => join(output, name));
  if (groups.length > 1) {
    throw new OutputError(`the workers wrote ${groups.length} different files (${groups.map(({ name }) => basename(name)).join(', ')}): -o must name a folder, ending with /`, { file: output });
  }
  return groups.map(() => output);
}
