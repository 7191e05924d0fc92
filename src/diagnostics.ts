/** Warnings as data: nothing below cli/ prints. */

/** One thing worth telling that is no error. */
export interface Diagnostic {
  /** Stable code, e.g. `input-repeated`, `input-skipped`, `no-entries`. */
  code: string;
  file?: string;
  path?: string;
  message: string;
}

/** Collects diagnostics; each (code, file, path) is kept once. */
export class Diagnostics {
  readonly #seen = new Map<string, Diagnostic>();

  /** Adds a diagnostic unless the same code was reported for the same place. */
  add(diagnostic: Diagnostic): void {
    const key = `${diagnostic.code}\0${diagnostic.file ?? ''}\0${diagnostic.path ?? ''}`;
    if (!this.#seen.has(key)) this.#seen.set(key, diagnostic);
  }

  /** All diagnostics in order of their first appearance. */
  list(): Diagnostic[] {
    return [...this.#seen.values()];
  }
}
