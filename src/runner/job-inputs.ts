/** A job directory as input of merges. */
import { dirname } from 'node:path';
import { UsageError } from '../errors.ts';
import { isJobDirectory } from './job-directory.ts';
import { makeFolder } from './system-errors.ts';
import { groupOutputs, targetsOf, workerDirectories } from './outputs.ts';

/** One merge to do. */
export interface JobMerge {
  inputs: string[];
  output: string;
}

/**
 * The merges that a job directory asks for, one per name of a file, with folders made for them; undefined for
 * any other path.
 * @param output a file, or a folder that gets all merged files
 * @throws UsageError when there is nothing to merge
 * @throws OutputError when several names would go into one file
 */
export function jobMerges(path: string, output: string): JobMerge[] | undefined {
  if (!isJobDirectory(path)) return undefined;
  const groups = groupOutputs(workerDirectories(path));
  if (groups.length === 0) throw new UsageError('job directory without files of workers that can be merged', { file: path });
  const targets = targetsOf(groups, output);
  for (const target of targets) makeFolder(dirname(target));
  return groups.map(({ files }, i) => ({ inputs: files, output: targets[i] as string }));
}
