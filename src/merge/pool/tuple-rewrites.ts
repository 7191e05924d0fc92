/** What changes in the RNTuples of one input: values of headers, forms, event tags and index_ref, column by column. */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { INDEX_NAME, tupleIndexValues, type Container, type TupleStore } from '../../io/pool/containers.ts';
import { HEADER_CLASS_IDS } from '../../io/pool/data-header.ts';
import { containerPlace } from '../../io/pool/bookkeeping.ts';
import { parseGuid } from '../../io/pool/guid.ts';
import { FormReferences } from '../../io/pool/form-reference.ts';
import { tagTokens } from '../../io/pool/header-rows.ts';
import { GUID_MEMBERS, TupleHeaders, readTupleForms } from '../../io/pool/tuple-rows.ts';
import { columnsOfField, findField, readFields } from '../../io/root/rntuple/field-values.ts';
import type { ColumnValues } from '../../io/root/rntuple/pages.ts';
import type { RNTuple } from '../../io/root/rntuple/rntuple.ts';
import type { FormsP6 } from './forms-p6.ts';
import type { MovedFormP6 } from './p6-moves.ts';
import { patchText } from './patch-places.ts';
import type { PoolInput } from './pool-inputs.ts';
import type { Relocation } from './relocation.ts';

/** Collects the new values of one input. */
export class TupleRewrites {
  /** New values by RNTuple and column. */
  readonly columns: Map<string, Map<number, ColumnValues>> = new Map();
  readonly #pool: PoolInput;
  readonly #names: ReadonlySet<string>;
  readonly #relocation: Relocation;
  readonly #forms: FormsP6;

  /** `names`: RNTuples of the merged file. */
  constructor(pool: PoolInput, relocation: Relocation, forms: FormsP6, names: ReadonlySet<string>) {
    this.#pool = pool;
    this.#names = names;
    this.#relocation = relocation;
    this.#forms = forms;
  }

  /** One function per container; headers come before forms. Each throws when a reference leads nowhere. */
  *steps(): Generator<() => void> {
    const { contents } = this.#pool;
    for (const { container } of contents.headerContainers()) yield* this.#step(container, (store) => this.#moveHeaders(container, store));
    for (const container of contents.tagContainers()) {
      yield* this.#step(container, (store) =>
        this.#setTexts(
          container,
          store.tuple,
          [store.field],
          tagTokens(container).map((text) => this.#relocation.moveToken(text) ?? text),
        ),
      );
    }
    for (const { token } of contents.localLinks()) {
      const container = contents.containers.find(token.container);
      if (container !== undefined && token.classId.toUpperCase() === HEADER_CLASS_IDS.formP6) {
        yield* this.#step(container, (store) => this.#moveForms(container, store));
      }
    }
    if (this.#relocation.renumbers(contents)) yield () => this.#renumber();
  }

  *#step(container: Container, run: (store: TupleStore) => void): Generator<() => void> {
    const { store, name } = container;
    if (store.kind === 'rntuple' && this.#names.has(containerPlace(name).tree)) yield () => run(store);
  }

  #moveHeaders(container: Container, { tuple, field }: TupleStore): void {
    const common: bigint[] = [];
    const full: bigint[] = [];
    const tokens: string[] = [];
    const references = new FormReferences(this.#pool.contents, container);
    const headers = new TupleHeaders(tuple, field);
    for (let row = 0; row < headers.rowCount; row++) {
      const header = headers.header(row);
      if (header.formToken === '' && header.shortElements.length === 0) {
        common.push(header.commonOid2); // made for an event without such a header
        tokens.push('');
        continue;
      }
      const { moves, token } = this.#forms.formOf(references, row, header.formToken);
      if (token.length !== header.formToken.length) {
        throw new UnsupportedError(`container ${container.name}: a placement of a form that has no index_ref`);
      }
      const { commonOid2, fullOid2, added } = moves.moveHeader(header, container, row);
      if (added.length > 0) {
        throw new UnsupportedError(`container ${container.name}: references share a row number, but not in the merged file`);
      }
      common.push(commonOid2);
      full.push(...fullOid2);
      tokens.push(token);
    }
    this.#set(container, tuple, [field, 'm_commonOID2'], BigInt64Array.from(common));
    this.#set(container, tuple, [field, 'm_fullElements', '_0', 'oid2'], BigInt64Array.from(full));
    this.#setTexts(container, tuple, [field, 'm_dhFormToken'], tokens);
  }

  #moveForms(container: Container, { tuple, field }: TupleStore): void {
    const { fid } = this.#pool.contents;
    const forms: MovedFormP6[] = readTupleForms(tuple, field).map((_, row) => this.#forms.formAt(container, row).moveForm(fid));
    this.#set(container, tuple, [field, 'm_objRecords', '_0', 'oid1'], BigInt64Array.from(forms.flatMap(({ oid1 }) => oid1)));
    const guids = forms.flatMap(({ fids }) => fids.map((text) => parseGuid(text)));
    const views = guids.map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const members: ColumnValues[] = [
      Float64Array.from(views, (view) => view.getUint32(0)),
      Float64Array.from(views, (view) => view.getUint16(4)),
      Float64Array.from(views, (view) => view.getUint16(6)),
      Uint8Array.from(guids.flatMap((bytes) => [...bytes.subarray(8)])),
    ];
    GUID_MEMBERS.forEach((path, i) =>
      this.#set(container, tuple, [field, 'm_dbRecords', '_0', 'fid', ...path], members[i] as ColumnValues),
    );
  }

  /** index_ref of every RNTuple with containers. */
  #renumber(): void {
    const { contents } = this.#pool;
    for (const { token } of contents.localLinks()) {
      const container = contents.containers.find(token.container);
      if (container?.store.kind !== 'rntuple' || !this.#names.has(containerPlace(token.container).tree)) continue;
      const { tuple } = container.store;
      if (this.#columnsOf(container).has(this.#column(tuple, [INDEX_NAME], 0))) continue;
      this.#set(
        container,
        tuple,
        [INDEX_NAME],
        BigInt64Array.from(tupleIndexValues(tuple), (value) => this.#relocation.indexOf(contents, value)),
      );
    }
  }

  #setTexts(container: Container, tuple: RNTuple, path: readonly string[], texts: readonly string[]): void {
    const [ends, characters] = readFields(tuple, [path])[0] ?? [];
    if (!(ends instanceof Float64Array) || !(characters instanceof Uint8Array)) throw new CorruptFileError('RNTuple field is no text');
    texts.forEach((text, i) => {
      const [at, end] = [i === 0 ? 0 : (ends[i - 1] as number), ends[i] as number];
      patchText({ column: { branch: 0, basket: 0, data: characters, start: at, end }, at, length: end - at }, text);
    });
    this.#columnsOf(container).set(this.#column(tuple, path, 1), characters);
  }

  #set(container: Container, tuple: RNTuple, path: readonly string[], values: ColumnValues): void {
    this.#columnsOf(container).set(this.#column(tuple, path, 0), values);
  }

  #columnsOf({ name }: Container): Map<number, ColumnValues> {
    const { tree } = containerPlace(name);
    let columns = this.columns.get(tree);
    if (columns === undefined) {
      columns = new Map();
      this.columns.set(tree, columns);
    }
    return columns;
  }

  /** Column `k` of a field, which must have one representation: new values are written into that. */
  #column(tuple: RNTuple, path: readonly string[], k: number): number {
    const field = findField(tuple, path);
    const column = field === undefined ? undefined : columnsOfField(tuple, field)[k];
    if (field === undefined || column === undefined) {
      throw new CorruptFileError(`RNTuple has no field ${path.join('.')}`, { file: tuple.source.file.path, objectPath: tuple.source.path });
    }
    const others = tuple.footer.schema.columns.some(({ fieldId, representation }) => fieldId === field && representation > 0);
    if (others) {
      throw new UnsupportedError(`field ${path.join('.')} has several representations`, {
        file: tuple.source.file.path,
        objectPath: tuple.source.path,
      });
    }
    return column;
  }
}
