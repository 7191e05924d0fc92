/** Before the interop suite: the Python environment with ROOT and uproot, and a browser where it can be had. */
import { getBrowser } from './browser.ts';
import { makeVenv } from './venv.mjs';

/** Vitest's global set-up hook. */
export default function setup(): void {
  makeVenv();
  getBrowser();
}
