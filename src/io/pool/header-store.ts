/** The trees of headers and of their forms: a header per row, a form for each set of references that differs in more than rows. */
import type { TreeWriter } from '../root/tree/tree-writer.ts';
import { buildHeaderP6, formIdentity, type HeaderParts } from './build-header.ts';
import { INDEX_NAME } from './containers.ts';
import type { FormP6 } from './data-header-p6.ts';
import { HEADER_CLASS_IDS } from './data-header.ts';
import { COLUMN_TYPE, type LinkedContainer } from './link-table.ts';
import { formRow, headerRow } from './object-rows.ts';
import { TECHNOLOGY, type PoolToken } from './token.ts';
import { DB_RECORD_LAYOUT, FORM_LAYOUT, FULL_ELEMENT_LAYOUT, GUID_LAYOUT, HEADER_LAYOUT, OBJECT_RECORD_LAYOUT } from './written-classes.ts';
import type { BookTree } from './written-trees.ts';

const HEADER_BRANCH = 'DataHeader';
const FORM_BRANCH = 'DataHeaderForm';

/** Links of the forms and headers of a tree of headers. */
export function headerLinks(tree: string): { form: LinkedContainer; header: LinkedContainer } {
  const common = { technology: TECHNOLOGY.treeIndex, columnType: COLUMN_TYPE.object };
  return {
    form: { ...common, container: `${tree}Form(${FORM_BRANCH})`, classId: HEADER_CLASS_IDS.formP6, className: FORM_LAYOUT.className },
    header: { ...common, container: `${tree}(${HEADER_BRANCH})`, classId: HEADER_CLASS_IDS.headerP6, className: HEADER_LAYOUT.className },
  };
}

/** A form that is written. */
interface StoredForm {
  form: FormP6;
  processTag: string;
  oid2: bigint;
}

/** Headers of one tree. */
export class HeaderStore {
  readonly #headers: TreeWriter;
  readonly #forms: TreeWriter;
  /** Tokens of the forms by what they say. */
  readonly #known: Map<string, string> = new Map();
  #stored: StoredForm[] = [];

  constructor(tree: string, book: BookTree) {
    const columns = [{ name: INDEX_NAME, type: 'int64' }] as const;
    this.#headers = book({ name: tree, columns, objects: [{ name: HEADER_BRANCH, layout: HEADER_LAYOUT, parts: [FULL_ELEMENT_LAYOUT] }] });
    this.#forms = book({
      name: `${tree}Form`,
      columns,
      objects: [{ name: FORM_BRANCH, layout: FORM_LAYOUT, parts: [DB_RECORD_LAYOUT, OBJECT_RECORD_LAYOUT, GUID_LAYOUT] }],
    });
  }

  /** Headers written so far: the row the next one gets. */
  get rowCount(): number {
    return this.#headers.entryCount;
  }

  /**
   * Writes a header, and its form if none says the same. `formToken`: the token of a row of the forms; `base` stands in
   * the upper half of index_ref.
   */
  write(parts: HeaderParts, processTag: string, base: bigint, formToken: (oid2: bigint) => PoolToken): void {
    const { header, form } = buildHeaderP6(parts);
    const identity = formIdentity(form);
    let token = this.#known.get(identity);
    if (token === undefined) {
      const oid2 = base + BigInt(this.#forms.entryCount);
      token = formToken(oid2).text;
      this.#writeForm({ form, processTag, oid2 });
      this.#known.set(identity, token);
    }
    this.#headers.fill({ [INDEX_NAME]: parts.self.token.oid2, [HEADER_BRANCH]: headerRow({ ...header, formToken: token }) });
  }

  #writeForm(stored: StoredForm): void {
    this.#forms.fill({ [INDEX_NAME]: stored.oid2, [FORM_BRANCH]: formRow(stored.form, stored.processTag) });
    this.#stored.push(stored);
  }

  /** Before a move to another file: headers get the GUID of that file with it; forms are written anew by `moved`. */
  prepareMove(from: string, to: string): void {
    this.#headers.changeOnMove = replacer(from, to);
    this.#forms.keepsEntries = false;
  }

  /** After a move that kept what was written: the forms are written again, with the other GUID. */
  moved(from: string, to: string): void {
    const stored = this.#stored;
    this.clear();
    for (const { form, ...rest } of stored) {
      const dbRecords = form.dbRecords.map((record) => (record.fid === from ? { ...record, fid: to } : record));
      this.#writeForm({ ...rest, form: { ...form, dbRecords } });
    }
  }

  /** Forgets the forms: their rows are gone. */
  clear(): void {
    this.#known.clear();
    this.#stored = [];
  }
}

/** Replaces a text by another one of the same length. */
export function replacer(from: string, to: string): (data: Uint8Array) => void {
  const replacement = Buffer.from(to);
  return (data) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + from.length)) bytes.set(replacement, at);
  };
}
