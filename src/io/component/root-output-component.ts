/** What components that write one ROOT file share: the file opened late, moved on reinitialization, closed at the end. */
import type { IoComponent, IoReinit } from './io-component.ts';
import type { IoComponentMgr } from './io-component-mgr.ts';
import { RootOutput, type RootFileOptions } from './root-output.ts';

/** A component with one output file, registered with a manager. */
export class RootOutputComponent implements IoComponent {
  readonly name: string;
  readonly #fileName: string;
  #output: RootOutput;

  /**
   * Opens the file and registers it for WRITE.
   * @param fileName logical name and, before any worker is made, path
   */
  constructor(manager: IoComponentMgr, name: string, fileName: string, options: RootFileOptions = {}) {
    this.name = name;
    this.#fileName = fileName;
    manager.registerFile(this, 'WRITE', fileName);
    this.#output = new RootOutput(manager.retrieve(this, fileName), options);
  }

  /** The file as it is open now. */
  protected get output(): RootOutput {
    return this.#output;
  }

  ioReinit({ retrieve, keepContent }: IoReinit): void {
    this.#output = this.#output.moveTo(retrieve(this.#fileName), keepContent);
  }

  ioFinalize(): void {
    this.#output.close();
  }

  /** Gives the file up: nothing is left of it. */
  abandon(): void {
    this.#output.abandon();
  }
}
