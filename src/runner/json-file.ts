/** Small files of data that other processes read while they are written anew: always whole, the old or the new one. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { OutputError } from '../errors.ts';

/** Writes a value as JSON beside the file, then renames it. One writer at a time per path. OutputError when it cannot be written. */
export function writeJsonFile(path: string, value: unknown): void {
  try {
    writeFileSync(`${path}.tmp`, `${JSON.stringify(value, undefined, 2)}\n`);
    renameSync(`${path}.tmp`, path);
  } catch (err) {
    rmSync(`${path}.tmp`, { force: true });
    const errno = (err as NodeJS.ErrnoException).code;
    throw new OutputError(`cannot be written (${errno})`, { file: path, errno, cause: err });
  }
}

/** What a file holds; undefined when there is none, or it is no JSON. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
