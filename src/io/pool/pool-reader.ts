/** POOL files read by reference: the rows tokens lead to, and the references of each event. */
import { CorruptFileError, UsageError } from '../../errors.ts';
import type { Row } from '../root/column.ts';
import type { Container } from './containers.ts';
import { FormReferences } from './form-reference.ts';
import { FormReader, HeaderReader, elementCount, elementsOf, type StoredForm, type StoredHeader } from './header-rows.ts';
import { openPoolFile, type PoolContents } from './pool-contents.ts';
import { Resolver } from './resolve.ts';
import { ContainerRows } from './row-values.ts';
import { parseToken, tokenOfReference, type PoolToken, type Reference, type Token } from './token.ts';

/** The references of one event. */
export interface PoolEvent {
  /** Key of the header: the stream it was written for. */
  stream: string;
  header: PoolToken;
  /** Tokens of the event's objects by key. */
  objects: ReadonlyMap<string, PoolToken>;
  /** Headers of the events it was made from. */
  provenance: readonly { token: PoolToken; stream: string }[];
}

/** Reads from a set of POOL files. */
export class PoolReader {
  readonly #files: PoolContents[] = [];
  readonly #resolver: Resolver = new Resolver();
  readonly #rows: Map<Container, ContainerRows> = new Map();
  readonly #forms: Map<Container, FormReader> = new Map();

  /** Opens the files; errors as openPoolFile. */
  constructor(paths: readonly string[]) {
    try {
      for (const path of paths) this.add(path);
    } catch (err) {
      this.close();
      throw err;
    }
  }

  /** Opens another file. */
  add(path: string): void {
    const contents = openPoolFile(path);
    this.#files.push(contents);
    this.#resolver.add(contents);
  }

  /**
   * The row a token leads to. UsageError for a token of another file, CorruptFileError for one that leads nowhere,
   * UnsupportedError for rows that are no plain values.
   */
  read(token: Token | string): Row {
    const { container, row } = this.#resolve(typeof token === 'string' ? parseToken(token) : token);
    let rows = this.#rows.get(container);
    if (rows === undefined) {
      rows = new ContainerRows(container);
      this.#rows.set(container, rows);
    }
    return rows.row(row);
  }

  #resolve(reference: Reference): { container: Container; row: number } {
    const found = this.#resolver.resolve(reference);
    if (found.status === 'foreign') throw new UsageError(`${tokenOfReference(reference).text} leads to a file that is not open`);
    if (found.status === 'dangling') throw new CorruptFileError(`${tokenOfReference(reference).text} leads nowhere: ${found.reason}`);
    return found;
  }

  /** The events of all files, in their order. */
  *events(): Generator<PoolEvent> {
    for (const contents of this.#files) {
      for (const { container, kind } of contents.headerContainers()) {
        if (kind !== 'event') continue;
        const [reader, references] = [new HeaderReader(container), new FormReferences(contents, container)];
        for (let row = 0; row < reader.rowCount; row++) {
          const header = reader.header(row);
          if (elementCount(header) > 0) yield this.#event(container, header, { row, references });
        }
      }
    }
  }

  #event(container: Container, header: StoredHeader, { row, references }: { row: number; references: FormReferences }): PoolEvent {
    const elements = elementsOf(header, header.version === 'p3' ? undefined : this.#form(references.at(row, header.formToken)));
    const self = elements.at(-1);
    if (self === undefined || this.#resolver.resolve(self).status !== 'resolved') {
      throw new CorruptFileError(`row ${row} of ${container.name} has no reference to itself`);
    }
    const objects = elements.slice(0, -1).filter(({ isProvenance }) => !isProvenance);
    return {
      stream: self.key,
      header: tokenOfReference(self),
      objects: new Map(objects.map((element) => [element.key, tokenOfReference(element)])),
      provenance: elements
        .filter(({ isProvenance }) => isProvenance)
        .map((element) => ({ token: tokenOfReference(element), stream: element.key })),
    };
  }

  #form(reference: Reference): StoredForm {
    const { container, row } = this.#resolve(reference);
    let reader = this.#forms.get(container);
    if (reader === undefined) {
      reader = new FormReader(container);
      this.#forms.set(container, reader);
    }
    return reader.form(row);
  }

  /** Closes the files. */
  close(): void {
    for (const { file } of this.#files) file.close();
    this.#files.length = 0;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
