/** Files of this package that other processes run. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from '../errors.ts';

/** Absolute path of a file of the package, wherever this module was bundled to. */
export function packageFile(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, name)) && dirname(folder) !== folder) folder = dirname(folder);
  const path = join(folder, name);
  invariant(existsSync(path), `${name} is missing from the package`);
  return path;
}
