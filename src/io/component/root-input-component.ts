/** An input of a job: workers must not share the descriptor and its file position with each other. */
import type { Histogram } from '../root/histogram/histogram.ts';
import { readHistogram } from '../root/histogram/read-histogram.ts';
import { openRootFile, type RootFile } from '../root/root-file.ts';
import type { IoComponent, IoReinit } from './io-component.ts';
import type { IoComponentMgr } from './io-component-mgr.ts';

/** A component that reads one ROOT file. */
export class RootInputComponent implements IoComponent {
  readonly name: string;
  readonly #fileName: string;
  #file: RootFile;

  /** Registers the file for READ and opens it. */
  constructor(manager: IoComponentMgr, name: string, fileName: string) {
    this.name = name;
    this.#fileName = fileName;
    manager.registerFile(this, 'READ', fileName);
    this.#file = openRootFile(manager.retrieve(this, fileName));
  }

  /** The file as it is open now. */
  get file(): RootFile {
    return this.#file;
  }

  /** Reads the histogram at a full path, see readHistogram. */
  histogram(path: string): Histogram {
    return readHistogram(this.#file, path);
  }

  ioReinit({ retrieve }: IoReinit): void {
    this.#file.close();
    this.#file = openRootFile(retrieve(this.#fileName));
  }

  ioFinalize(): void {
    this.#file.close();
  }
}
