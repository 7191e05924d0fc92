/** Headers of a POOL file with what their forms say, for comparing. */
import { isPoolMergeError } from '../../errors.ts';
import type { Container } from '../../io/pool/containers.ts';
import type { HeaderElement } from '../../io/pool/data-header.ts';
import { FormReferences, type FormReference } from '../../io/pool/form-reference.ts';
import { FormReader, HeaderReader, elementsOf, type StoredForm, type StoredHeader } from '../../io/pool/header-rows.ts';
import type { PoolSide } from './pool-sides.ts';

/** A header with its references. */
export interface ReadHeader {
  header: StoredHeader;
  form: { reference: FormReference; stored: StoredForm | undefined } | undefined;
  /** undefined: they cannot be decoded, because the form is not there or does not fit. */
  elements: HeaderElement[] | undefined;
}

/** Reads the headers of one container of one file. */
export class SideHeaders {
  /** Reader of the rows. */
  readonly reader: HeaderReader;
  readonly #side: PoolSide;
  readonly #references: FormReferences;
  readonly #forms = new Map<Container, FormReader>();

  /** UnsupportedError for containers of another class. */
  constructor(side: PoolSide, container: Container) {
    this.#side = side;
    this.reader = new HeaderReader(container);
    this.#references = new FormReferences(side.contents, container);
  }

  /** Reads one row. CorruptFileError where the row itself is damaged. */
  read(row: number): ReadHeader {
    const header = this.reader.header(row);
    if (header.version === 'p3') return { header, form: undefined, elements: elementsOf(header, undefined) };
    const reference = orUndefined(() => this.#references.at(row, header.formToken));
    if (reference === undefined) return { header, form: undefined, elements: undefined };
    const stored = this.#form(reference);
    return { header, form: { reference, stored }, elements: stored && orUndefined(() => elementsOf(header, stored)) };
  }

  #form(reference: FormReference): StoredForm | undefined {
    const found = this.#side.resolver.resolve(reference);
    if (found.status !== 'resolved') return undefined;
    return orUndefined(() => {
      const reader = this.#forms.get(found.container) ?? new FormReader(found.container);
      this.#forms.set(found.container, reader);
      return reader.form(found.row);
    });
  }
}

/** What is read; undefined where it is damaged, or of a form nobody reads here. */
export function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    return undefined;
  }
}
