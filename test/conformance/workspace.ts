/** What a file of conformance rows works in: a fresh folder per test, small inputs put there, merges into it. */
import { afterEach, beforeEach } from 'vitest';
import { merge, type MergeOptions, type MergeReport } from '../../src/index.ts';
import { Scratch } from '../scratch.ts';
import { putSmallFile, type SmallItem } from '../small-file.ts';

/** A merge that was done. */
export interface Merged {
  path: string;
  report: MergeReport;
}

/** Call it at the top of a test file; names of files never repeat within it. */
export class Workspace {
  #scratch: Scratch | undefined;
  #files = 0;

  constructor() {
    beforeEach(() => {
      this.#scratch = new Scratch();
    });
    afterEach(() => {
      this.#scratch?.[Symbol.dispose]();
    });
  }

  /** The folder of the running test. */
  get scratch(): Scratch {
    return this.#scratch as Scratch;
  }

  /** A new small file with these items. */
  put(...items: SmallItem[]): string {
    return putSmallFile(this.scratch.path(`in${this.#files++}.root`), items);
  }

  /** Merges into a new file. */
  async merged(inputs: readonly string[], options: Partial<MergeOptions> = {}): Promise<Merged> {
    const path = this.scratch.path(`out${this.#files++}.root`);
    return { path, report: await merge(inputs, { ...options, output: path }) };
  }
}
