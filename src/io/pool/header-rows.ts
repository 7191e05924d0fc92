/**
 * Rows of header, form and TAG containers, whatever their storage version (p3, p5, p6), their split, and
 * whether a tree or an RNTuple holds them. Rows of trees come with the places of their values in the
 * uncompressed basket data, so that who merges can patch them at equal width.
 */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { readFields, textsOf } from '../root/rntuple/field-values.ts';
import type { EntryBytes } from '../root/tree/branch-cursor.ts';
import type { Container } from './containers.ts';
import type { HeaderElement } from './data-header.ts';
import { decodeElementsP3, locateHeaderP3, type HeaderPlacesP3 } from './data-header-p3.ts';
import { decodeElementP5, type FormP5, type StoredElementP5 } from './data-header-p5.ts';
import { decodeElementsP6, type FormP6, type HeaderP6 } from './data-header-p6.ts';
import { formP5Of, locateFormP5, locateHeaderP5, storedElementsP5, type FormPlacesP5, type HeaderPlacesP5 } from './locate-p5.ts';
import { formP6Of, headerP6Of, locateFormP6, locateHeaderP6, type FormPlacesP6, type HeaderPlacesP6 } from './locate-p6.ts';
import { textOf } from './places.ts';
import { RowReader, type RowColumns } from './row-columns.ts';
import { TupleHeaders, readTupleForms } from './tuple-rows.ts';

/** A header as stored. `places` is undefined in RNTuples. */
export type StoredHeader =
  | { version: 'p3'; elements: HeaderElement[]; places: HeaderPlacesP3 }
  | { version: 'p5'; stored: StoredElementP5[]; formToken: string; formMdx: string; places: HeaderPlacesP5 }
  | { version: 'p6'; header: HeaderP6; formToken: string; places: HeaderPlacesP6 | undefined };

/** A form as stored. `places` is undefined in RNTuples. */
export type StoredForm =
  { version: 'p5'; form: FormP5; places: FormPlacesP5 } | { version: 'p6'; form: FormP6; places: FormPlacesP6 | undefined };

/** Storage version of headers by class name; p4 differs from p3 in the names of its lists only, and counts as that. */
const HEADER_VERSIONS: Readonly<Record<string, 'p3' | 'p5' | 'p6'>> = {
  DataHeader_p3: 'p3',
  DataHeader_p4: 'p3',
  DataHeader_p5: 'p5',
  DataHeader_p6: 'p6',
};
/** Storage version of forms by class name. */
const FORM_VERSIONS: Readonly<Record<string, 'p5' | 'p6'>> = { DataHeaderForm_p5: 'p5', DataHeaderForm_p6: 'p6' };

/** Reads the headers of one container. */
export class HeaderReader {
  readonly container: Container;
  readonly version: 'p3' | 'p5' | 'p6';
  /** Reader of the members of rows; undefined in RNTuples. */
  readonly rows: RowReader | undefined;
  readonly #tuple: TupleHeaders | undefined;

  /** UnsupportedError for containers of another class. */
  constructor(container: Container) {
    const { store } = container;
    this.container = container;
    if (store.kind === 'rntuple') {
      this.version = 'p6';
      this.#tuple = new TupleHeaders(store.tuple, store.field);
      return;
    }
    this.rows = new RowReader(store.tree, store.branch);
    this.version = versionOf(HEADER_VERSIONS, this.rows.className, container);
  }

  get rowCount(): number {
    return this.container.rowCount;
  }

  /** The header of a row; CorruptFileError with file, path and row where it is damaged. */
  header(row: number): StoredHeader {
    if (this.rows !== undefined) return this.rows.parse(row, (columns) => headerOf(this.version, columns));
    const header = (this.#tuple as TupleHeaders).header(row);
    return { version: 'p6', header, formToken: header.formToken, places: undefined };
  }
}

function headerOf(version: 'p3' | 'p5' | 'p6', columns: RowColumns): StoredHeader {
  if (version === 'p3') {
    const places = locateHeaderP3(columns);
    return { version, elements: decodeElementsP3(places), places };
  }
  if (version === 'p5') {
    const places = locateHeaderP5(columns);
    return { version, stored: storedElementsP5(places), formToken: textOf(places.formToken), formMdx: textOf(places.formMdx), places };
  }
  const places = locateHeaderP6(columns);
  const header = headerP6Of(places);
  return { version, header, formToken: header.formToken, places };
}

/** Reads the forms of one container. */
export class FormReader {
  readonly container: Container;
  readonly version: 'p5' | 'p6';
  /** Reader of the members of rows; undefined in RNTuples. */
  readonly rows: RowReader | undefined;
  readonly #stored: FormP6[] = [];
  #last: { row: number; form: StoredForm } | undefined;

  /** UnsupportedError for containers of another class. */
  constructor(container: Container) {
    const { store } = container;
    this.container = container;
    if (store.kind === 'rntuple') {
      this.version = 'p6';
      this.#stored = readTupleForms(store.tuple, store.field);
      return;
    }
    this.rows = new RowReader(store.tree, store.branch);
    this.version = versionOf(FORM_VERSIONS, this.rows.className, container);
  }

  get rowCount(): number {
    return this.container.rowCount;
  }

  /** The form of a row; the last one is kept. CorruptFileError with file, path and row where it is damaged. */
  form(row: number): StoredForm {
    if (this.#last?.row !== row) this.#last = { row, form: this.#read(row) };
    return this.#last.form;
  }

  #read(row: number): StoredForm {
    if (this.rows !== undefined) return this.rows.parse(row, (columns) => formOf(this.version, columns, this.#last?.form));
    const form = this.#stored[row];
    if (form === undefined) throw new CorruptFileError('form row does not exist', { expected: `below ${this.#stored.length}`, found: row });
    return { version: 'p6', form, places: undefined };
  }
}

/** Forms of neighbouring rows are mostly equal: then `last` is not decoded again. */
function formOf(version: 'p5' | 'p6', columns: RowColumns, last: StoredForm | undefined): StoredForm {
  if (version === 'p5') {
    const places = locateFormP5(columns);
    const isSame = last?.version === 'p5' && isSameForm(places, last.places);
    return { version, form: isSame ? last.form : formP5Of(places), places };
  }
  const places = locateFormP6(columns);
  return { version, form: formP6Of(places), places };
}

function isSameForm(a: FormPlacesP5, b: FormPlacesP5): boolean {
  const isSame = (x: EntryBytes | undefined, y: EntryBytes | undefined): boolean =>
    x !== undefined && y !== undefined && Buffer.compare(x.data.subarray(x.start, x.end), y.data.subarray(y.start, y.end)) === 0;
  return isSame(a.map[0]?.column, b.map[0]?.column) && isSame(a.uints[0]?.column, b.uints[0]?.column);
}

function versionOf<V extends string>(versions: Readonly<Record<string, V>>, className: string, container: Container): V {
  const version = versions[className];
  if (version === undefined) {
    throw new UnsupportedError(`container ${container.name}: class ${className || 'without name'} is no known DataHeader or form`);
  }
  return version;
}

/** Number of references a header stores, its form aside. */
export function elementCount(header: StoredHeader): number {
  if (header.version === 'p3') return header.elements.length;
  return header.version === 'p5' ? header.stored.length : header.header.shortElements.length;
}

/** True for a header without references, which needs no form: rows made for events that have no such header. */
export function isEmptyHeader(header: StoredHeader): boolean {
  return elementCount(header) === 0 && (header.version === 'p3' || header.formToken === '');
}

/** All references of a header, decoded with its form (p3 has none). CorruptFileError where they do not fit together. */
export function elementsOf(header: StoredHeader, form: StoredForm | undefined): HeaderElement[] {
  if (header.version === 'p3') return header.elements;
  if (header.version === 'p5' && form?.version === 'p5') return header.stored.map((element, k) => decodeElementP5(form.form, k, element));
  if (header.version === 'p6' && form?.version === 'p6') return decodeElementsP6(form.form, header.header);
  throw new CorruptFileError('header and form are of different storage versions', {
    expected: header.version,
    found: form?.version ?? 'no form',
  });
}

/** Token texts of a TAG container, one per row. */
export function tagTokens({ store, name }: Container): string[] {
  if (store.kind === 'rntuple') return textsOf(readFields(store.tuple, [[store.field]])[0] ?? []);
  if (store.branch < 0) throw new UnsupportedError(`container ${name} of event tags is a whole tree`);
  return store.tree.texts(store.branch);
}
