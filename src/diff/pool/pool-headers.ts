/** Headers of a POOL file with what their forms say, for comparing. */
import { isPoolMergeError } from '../../errors.ts';
import type { Container } from '../../io/pool/containers.ts';
import type { HeaderElement } from '../../io/pool/data-header.ts';
import { FormReader, HeaderReader, elementsOf, type StoredForm, type StoredHeader } from '../../io/pool/header-rows.ts';
import { parseToken, type Token } from '../../io/pool/token.ts';
import type { PoolSide } from './pool-sides.ts';

/** A header with its references. */
export interface ReadHeader {
  header: StoredHeader;
  form: { token: Token; stored: StoredForm | undefined } | undefined;
  /** undefined: they cannot be decoded, because the form is not there or does not fit. */
  elements: HeaderElement[] | undefined;
}

/** Reads the headers of one container of one file. */
export class SideHeaders {
  /** Reader of the rows. */
  readonly reader: HeaderReader;
  readonly #side: PoolSide;
  readonly #forms = new Map<Container, FormReader>();

  /** UnsupportedError for containers of another class. */
  constructor(side: PoolSide, container: Container) {
    this.#side = side;
    this.reader = new HeaderReader(container);
  }

  /** Reads one row. CorruptFileError where the row itself is damaged. */
  read(row: number): ReadHeader {
    const header = this.reader.header(row);
    if (header.version === 'p3') return { header, form: undefined, elements: elementsOf(header, undefined) };
    const token = orUndefined(() => parseToken(header.formToken));
    if (token === undefined) return { header, form: undefined, elements: undefined };
    const stored = this.#form(token);
    return { header, form: { token, stored }, elements: stored && orUndefined(() => elementsOf(header, stored)) };
  }

  #form(token: Token): StoredForm | undefined {
    const found = this.#side.resolver.resolve(token);
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
