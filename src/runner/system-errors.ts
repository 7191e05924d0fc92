/** Errors of the system while a job's files are written: told as what they are, and early where it can be known. */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OutputError } from '../errors.ts';

/** An error of the system (disk full, no permission) as an OutputError; anything else as it is. */
export function toOutputError(err: unknown): unknown {
  if (!(err instanceof Error) || !('syscall' in err) || !('code' in err) || typeof err.code !== 'string') return err;
  const file = 'path' in err && typeof err.path === 'string' ? { file: err.path } : {};
  return new OutputError(`cannot be written: ${err.message}`, { ...file, errno: err.code, cause: err });
}

/**
 * Makes a folder and those above it, one by one: Node's own way of doing this never ends where the system says that the folder
 * above does not exist though it does, as in /proc. OutputError when that is not possible.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(resolve(folder)));
  try {
    mkdirSync(folder);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'EEXIST') throw toOutputError(err);
  }
}

/** Throws an OutputError when nothing can be written into a folder, or the folder cannot be made. */
export function refuseUnwritable(folder: string): void {
  let place = resolve(folder);
  while (!existsSync(place)) place = dirname(place);
  try {
    // The name makes the place a folder: a file there is an error, too.
    accessSync(`${place}/.`, constants.W_OK | constants.X_OK);
  } catch (err) {
    throw toOutputError(err);
  }
}
