/** Files that come with this package beside its code. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InternalError } from '../../errors.ts';

/** Reads a file of the package by its path in there (`wasm/deflate.wasm`). Throws InternalError where it is missing. */
export function readPackageFile(path: string): Uint8Array {
  return readFileSync(packageFile(path));
}

/** Absolute path of a file of the package by its path in there. Throws InternalError where it is missing. */
export function packageFile(path: string): string {
  const file = findPackageFile(path);
  if (file === undefined) throw new InternalError(`${path} is missing from the installation`);
  return fileURLToPath(file);
}

/**
 * Where a file of the package is, by its path in there; undefined where it is missing. The folders above this code are tried
 * one after another: it is src/ in the repository, dist/ or a bundle in the installed package.
 */
export function findPackageFile(path: string): URL | undefined {
  for (let folder = new URL('.', import.meta.url); ;) {
    const candidate = new URL(path, folder);
    if (existsSync(candidate)) return candidate;
    const parent = new URL('..', folder);
    if (parent.href === folder.href) return undefined;
    folder = parent;
  }
}
