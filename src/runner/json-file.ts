/** Small files of data that other processes read while they are written anew: always whole, the old or the new one. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a value as JSON beside the file, then renames it. One writer at a time per path. */
export function writeJsonFile(path: string, value: unknown): void {
  writeFileSync(`${path}.tmp`, `${JSON.stringify(value, undefined, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}

/** What a file holds; undefined when there is none, or it is no JSON. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
