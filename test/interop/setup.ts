/** Before the interop suite: the Python environment with ROOT and uproot. */
import { makeVenv } from './venv.mjs';

/** Vitest's global set-up hook. */
export default function setup(): void {
  makeVenv();
}
