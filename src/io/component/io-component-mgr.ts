/**
 * Knows every component that does I/O and every file it has open, so that a worker can reopen all of them in its own directory
 * (Gaudi: IIoComponentMgr, with its semantics). Files have a logical name, by which the component knows them, and a path.
 */
import { join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { IoComponent } from './io-component.ts';

/** How a component uses a file. */
export type IoMode = 'READ' | 'WRITE';

interface Entry {
  mode: IoMode;
  /** Where the file is, as the component gave it. */
  given: string;
  /** Path as it is to be opened. */
  path: string;
}

/** What has no place in a directory of this machine: root://, https://. */
const URL_START = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Where files lie before any worker is made; default for both: relative paths are those of the current directory. */
export interface IoDirectories {
  /** Absolute path from which relative paths count, for a job that does not run where it was started. */
  base?: string;
  /** Folder of outputs with a bare name. */
  outputs?: string;
}

/** Whose worker is being made. */
export interface ReinitOptions {
  /** Number of the worker. */
  workerId?: number;
  /** `first`: what was filled before the workers parted is kept by worker 0 alone, so that it counts once in the merged file. */
  keepPrefork?: 'first' | 'all';
}

/** The register of components and their files. */
export class IoComponentMgr {
  readonly #components: IoComponent[] = [];
  readonly #entries: Map<IoComponent, Map<string, Entry>> = new Map();
  readonly #base: string;
  #outputs: string | undefined;

  constructor({ base = '', outputs }: IoDirectories = {}) {
    this.#base = base;
    this.#outputs = outputs;
  }

  /** Registers a component; doing so again changes nothing (io_register). */
  register(component: IoComponent): void {
    if (this.#entries.has(component)) return;
    this.#components.push(component);
    this.#entries.set(component, new Map());
  }

  /**
   * Registers a file of a component, which is registered as well if it is not yet (io_register). UsageError for a mode other
   * than READ and WRITE (a file open for both cannot be split between workers), or a file that is registered otherwise.
   * @param path where the file is, if not at `name`
   */
  registerFile(component: IoComponent, mode: IoMode, name: string, path: string = name): void {
    if (mode !== 'READ' && mode !== 'WRITE') {
      throw new UsageError(`files are registered for READ or WRITE, not for ${String(mode)}`, { file: name });
    }
    this.register(component);
    const entries = this.#entriesOf(component);
    const known = entries.get(name);
    if (known?.mode === mode && known.given === path) return;
    if (known !== undefined) throw new UsageError(`component ${component.name} has registered the file otherwise`, { file: name });
    entries.set(name, {
      mode,
      given: path,
      path: mode === 'WRITE' && this.#outputs === undefined ? path : this.#placeOf(mode, name, path),
    });
  }

  /**
   * Path of a file for a worker: an input, or an output whose name is a path, keeps its place; an output with a bare
   * name lies in the folder of outputs.
   */
  #placeOf(mode: IoMode, name: string, given: string): string {
    if (mode === 'WRITE' && this.#outputs !== undefined && !name.includes('/')) return join(this.#outputs, name);
    return URL_START.test(given) ? given : resolve(this.#base, given);
  }

  #entriesOf(component: IoComponent): Map<string, Entry> {
    const entries = this.#entries.get(component);
    if (entries === undefined) throw new UsageError(`component ${component.name} is not registered`);
    return entries;
  }

  /** True if the component is registered (io_hasitem). */
  hasItem(component: IoComponent): boolean {
    return this.#entries.has(component);
  }

  /** True if the component has registered a file of that name (io_contains). */
  contains(component: IoComponent, name: string): boolean {
    return this.#entries.get(component)?.has(name) === true;
  }

  /** The path of a file (io_retrieve). UsageError when it is not registered. */
  retrieve(component: IoComponent, name: string): string {
    return this.#entryOf(component, name).path;
  }

  /** Gives a file another path, until all files are moved (io_update). UsageError when it is not registered. */
  update(component: IoComponent, name: string, path: string): void {
    this.#entryOf(component, name).path = path;
  }

  #entryOf(component: IoComponent, name: string): Entry {
    const entry = this.#entriesOf(component).get(name);
    if (entry === undefined) throw new UsageError(`component ${component.name} has registered no such file`, { file: name });
    return entry;
  }

  /**
   * Moves all files of all components to a working directory (io_update_all): inputs keep their absolute path, outputs with a
   * bare name go into the directory under that name, outputs whose name is a path keep their place, made absolute. Files
   * registered later go there, too.
   */
  updateAll(workDirectory: string): void {
    this.#outputs = workDirectory;
    for (const entries of this.#entries.values()) {
      for (const [name, entry] of entries) entry.path = this.#placeOf(entry.mode, name, entry.given);
    }
  }

  /**
   * Makes every component open its files again, in the order of registration (io_reinitialize). One that fails does not keep
   * the others from it; the first error is thrown at the end.
   */
  reinitialize(options: ReinitOptions = {}): void {
    const keepContent = options.keepPrefork === 'all' || (options.workerId ?? 0) === 0;
    callAll(this.#components, (component) => component.ioReinit({ retrieve: (name) => this.retrieve(component, name), keepContent }));
  }

  /** Makes every component close its files, in reverse order (io_finalize); errors as in `reinitialize`. */
  finalize(): void {
    callAll(this.#components.toReversed(), (component) => component.ioFinalize());
  }
}

/** Calls all of them, then throws the first error there was. */
function callAll(components: readonly IoComponent[], call: (component: IoComponent) => void): void {
  const errors: unknown[] = [];
  for (const component of components) {
    try {
      call(component);
    } catch (err) {
      errors.push(err);
    }
  }
  if (errors.length > 0) throw errors[0];
}
