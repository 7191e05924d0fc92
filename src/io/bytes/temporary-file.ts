/**
 * Temporary files beside a target: `.NAME.pool-merge-HOST-PID.tmp`, in a worker thread `…-PID.THREAD.tmp`. The name tells who
 * writes the file, so that what dead processes have left can be removed.
 */
import { readdirSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';

const MARK = '.pool-merge-';
const ENDING = '.tmp';
/** Longest file name of common file systems, bytes. */
const NAME_MAX_BYTES = 255;
/** Bytes of a temporary name kept for what follows the target's name: mark, host, process, thread, ending. */
const SUFFIX_BYTES = 60;

/** What tells the temporary files of this thread from those of others: the process id, in a worker thread its number, too. */
const writerTag = threadId === 0 ? String(process.pid) : `${process.pid}.${threadId}`;

/** Temporary files this thread is writing. A file with our process id that is not among them is stale too: ids are used again. */
const ownFiles = new Set<string>();

/** True for the name of a temporary file: what a writer leaves that was ended. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') && name.includes(MARK) && name.endsWith(ENDING);
}

/** Path of this thread's temporary file for a target. */
export function temporaryPath(target: string): string {
  return join(dirname(target), `${hostPrefix(basename(target))}${writerTag}${ENDING}`);
}

/** Notes that this thread is writing a temporary file: it is not stale. */
export function claimTemporary(path: string): void {
  ownFiles.add(path);
}

/** The opposite; false when the file was not claimed. */
export function releaseTemporary(path: string): boolean {
  return ownFiles.delete(path);
}

/** Removes temporary files of a target whose process is gone (killed, machine restarted). Throws what the file system says. */
export function removeStaleTemporaries(target: string): void {
  const directory = dirname(target);
  const prefix = hostPrefix(basename(target));
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(prefix) || !name.endsWith(ENDING)) continue;
    const path = join(directory, name);
    if (isStale(path, name.slice(prefix.length, -ENDING.length))) unlinkSync(path);
  }
}

function isStale(path: string, tag: string): boolean {
  const [pid, thread = 0] = tag.split('.').map(Number);
  if (pid === process.pid && thread === threadId) return !ownFiles.has(path);
  return Number.isInteger(pid) && !isProcessAlive(Number(pid));
}

/** What the names of temporary files of a target begin with when this machine writes them. */
function hostPrefix(targetName: string): string {
  let name = targetName;
  while (Buffer.byteLength(`.${name}`) > NAME_MAX_BYTES - SUFFIX_BYTES) name = name.slice(0, -1);
  const host = hostname()
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 20);
  return `.${name}${MARK}${host || 'host'}-`;
}

function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === 'EPERM';
  }
}
