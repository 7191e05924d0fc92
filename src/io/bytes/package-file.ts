/** Files that come with this package beside its code. */
import { existsSync, readFileSync } from 'node:fs';
import { InternalError } from '../../errors.ts';

/**
 * Reads a file of the package by its path in there (`wasm/deflate.wasm`). The folders above this code are tried one after
 * another: it is src/ in the repository, dist/ or a bundle in the installed package. Throws InternalError where it is missing.
 */
export function readPackageFile(path: string): Uint8Array {
  for (let folder = new URL('.', import.meta.url); ; ) {
    const candidate = new URL(path, folder);
    if (existsSync(candidate)) return readFileSync(candidate);
    const parent = new URL('..', folder);
    if (parent.href === folder.href) throw new InternalError(`${path} is missing from the installation`);
    folder = parent;
  }
}
