/**
 * Makes `.venv` in the project root: real ROOT and uproot at the versions pinned in requirements.txt,
 * the two judges of the interop suite. Quick when the pins did not change since the last run.
 *
 *   node test/interop/venv.mjs        prepares and prints the versions
 *
 * The Python that makes it is $PYTHON, or python3.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const venv = join(root, '.venv');
const pins = readFileSync(join(here, 'requirements.txt'), 'utf8');
const stamp = join(venv, 'requirements.installed');

/** The interpreter inside the virtual environment. */
export const venvPython = join(venv, 'bin', 'python');

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

/** Creates or renews the environment; returns the interpreter's path. */
export function makeVenv() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === pins) return venvPython;
  rmSync(venv, { recursive: true, force: true });
  run(process.env.PYTHON ?? 'python3', ['-m', 'venv', venv]);
  run(venvPython, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', join(here, 'requirements.txt')]);
  writeFileSync(stamp, pins);
  return venvPython;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  makeVenv();
  console.log(
    pins
      .trim()
      .split('\n')
      .map((line) => line.replace('==', ' '))
      .join('\n'),
  );
}
