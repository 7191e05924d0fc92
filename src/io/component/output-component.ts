/** What components that write one file share: the file opened at once, moved on reinitialization, closed at the end. */
import type { IoComponent, IoReinit } from './io-component.ts';
import type { IoComponentMgr } from './io-component-mgr.ts';

/** A file under construction. */
interface MovableOutput<Output> {
  /** Goes on in another file. */
  moveTo(path: string, keepContent: boolean): Output;
  close(): void;
  abandon(): void;
}

/** A component with one output file, registered with a manager. */
export class OutputComponent<Output extends MovableOutput<Output>> implements IoComponent {
  readonly name: string;
  readonly #fileName: string;
  #output: Output;

  /**
   * Registers the file for WRITE and opens it.
   * @param fileName logical name and, before any worker is made, path
   * @param open opens the file at a path
   */
  constructor(manager: IoComponentMgr, name: string, fileName: string, open: (path: string) => Output) {
    this.name = name;
    this.#fileName = fileName;
    manager.registerFile(this, 'WRITE', fileName);
    this.#output = open(manager.retrieve(this, fileName));
  }

  /** The file as it is open now. */
  protected get output(): Output {
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
