/**
 * Are two RNTuple schemas the same? Fields are matched by name at every level, so their order may differ;
 * everything that decides how bytes are read must agree. Text that only describes (descriptions, type
 * aliases, the writer's name) may differ: the output keeps the first input's.
 */
import { MISSING_COLUMN } from './tuple-job.ts';
import { columnTypeName } from '../../io/root/rntuple/column-types.ts';
import { pageRecoder, type PageRecoder } from '../../io/root/rntuple/page-encoding.ts';
import { fieldPath, type Column, type Field, type Schema } from '../../io/root/rntuple/schema.ts';
import { STREAMER_INFOS } from '../../io/root/rntuple/type-infos.ts';

/** Outcome of a comparison. */
export interface SchemaMatch {
  /** Column ids of the second schema by column id of the first; undefined: the same ids. */
  sourceOf: Uint32Array | undefined;
  /** By column id of the second: how its pages become what the first schema says; undefined: no column needs it. */
  recoders: (PageRecoder | undefined)[] | undefined;
  /** One sentence per difference, naming the field; empty when the schemas are equal. */
  differences: string[];
}

/** Compares `other` with `first`. `mayLack`: top-level fields may be missing in `other`; their columns are MISSING_COLUMN then. */
export function matchSchemas(first: Schema, other: Schema, mayLack = false): SchemaMatch {
  const matcher = new SchemaMatcher(first, other, mayLack);
  return matcher.match();
}

/** A schema with look-up tables. */
class SchemaIndex {
  readonly schema: Schema;
  /** Field ids by name, per parent; index `fields.length`: top-level fields. */
  readonly children: Map<string, number>[];
  /** Column ids by field. */
  readonly columns: number[][];
  /** Physical ids of alias columns by field. */
  readonly aliases: number[][];
  /** Names that occur twice below one parent. */
  readonly doubled: string[] = [];

  constructor(schema: Schema) {
    this.schema = schema;
    const { fields } = schema;
    this.children = Array.from({ length: fields.length + 1 }, () => new Map<string, number>());
    this.columns = fields.map(() => []);
    this.aliases = fields.map(() => []);
    fields.forEach((field, id) => {
      const siblings = this.children[field.parentId === id ? fields.length : field.parentId] as Map<string, number>;
      if (siblings.has(field.name)) this.doubled.push(this.path(id));
      siblings.set(field.name, id);
    });
    schema.columns.forEach((column, id) => this.columns[column.fieldId]?.push(id));
    for (const { fieldId, physicalId } of schema.aliases) this.aliases[fieldId]?.push(physicalId);
  }

  get top(): number {
    return this.schema.fields.length;
  }

  /** Names from the top level down, joined by dots. */
  path(id: number | undefined): string {
    return id === undefined ? '' : fieldPath(this.schema.fields, id);
  }
}

class SchemaMatcher {
  readonly #first: SchemaIndex;
  readonly #other: SchemaIndex;
  readonly #sourceOf: Uint32Array;
  readonly #mayLack: boolean;
  readonly #differences: string[] = [];
  readonly #recoders: (PageRecoder | undefined)[] = [];

  constructor(first: Schema, other: Schema, mayLack: boolean) {
    this.#mayLack = mayLack;
    this.#first = new SchemaIndex(first);
    this.#other = new SchemaIndex(other);
    this.#sourceOf = new Uint32Array(first.columns.length).fill(mayLack ? MISSING_COLUMN : 0);
  }

  match(): SchemaMatch {
    for (const name of [...this.#first.doubled, ...this.#other.doubled]) this.#differ(name, 'occurs twice');
    this.#matchChildren(this.#first.top, this.#other.top);
    if (this.#differences.length === 0) this.#matchAliases();
    this.#matchExtraTypeInfos();
    const isIdentity = this.#sourceOf.every((source, id) => source === id);
    const recoders = this.#recoders.length === 0 ? undefined : this.#recoders;
    return { sourceOf: isIdentity ? undefined : this.#sourceOf, recoders, differences: this.#differences };
  }

  #differ(path: string, how: string): void {
    this.#differences.push(`field ${path} ${how}`);
  }

  #matchChildren(first: number, other: number): void {
    const [mine, theirs] = [this.#first.children[first], this.#other.children[other]];
    mine?.forEach((id, name) => {
      const otherId = theirs?.get(name);
      if (otherId === undefined) {
        if (!this.#mayLack || first !== this.#first.top) this.#differ(this.#first.path(id), 'is missing');
      } else this.#matchField(id, otherId);
    });
    theirs?.forEach((id, name) => {
      if (mine?.has(name) !== true) this.#differ(this.#other.path(id), 'is not in the first input');
    });
  }

  #matchField(id: number, otherId: number): void {
    const [a, b] = [this.#first.schema.fields[id] as Field, this.#other.schema.fields[otherId] as Field];
    const path = this.#first.path(id);
    const compare = (what: string, mine: string | number, theirs: string | number): void => {
      if (mine !== theirs) this.#differ(path, `has ${what} ${theirs}, but ${mine} in the first input`);
    };
    const before = this.#differences.length;
    compare('type', a.typeName, b.typeName);
    if (this.#differences.length > before) return; // what follows from another type need not be told
    compare('structural role', a.role, b.role);
    compare('flags', a.flags, b.flags);
    compare('field version', a.fieldVersion, b.fieldVersion);
    compare('type version', a.typeVersion, b.typeVersion);
    compare('array size', a.repetitions, b.repetitions);
    compare('type checksum', a.typeChecksum ?? 'none', b.typeChecksum ?? 'none');
    compare('projection source', this.#first.path(a.sourceId), this.#other.path(b.sourceId));
    this.#matchColumns(path, this.#first.columns[id] as number[], this.#other.columns[otherId] as number[]);
    this.#matchChildren(id, otherId);
  }

  #matchColumns(path: string, mine: readonly number[], theirs: readonly number[]): void {
    const same = mine.length === theirs.length && mine.every((id, i) => this.#matchColumn(id, theirs[i] as number));
    if (same) return;
    const [a, b] = [this.#describe(this.#first, mine), this.#describe(this.#other, theirs)];
    this.#differ(path, `is stored as ${b}, but as ${a} in the first input`);
  }

  /** True when the columns are equal, or one is the split form of the other. */
  #matchColumn(id: number, otherId: number): boolean {
    const [a, b] = [this.#first.schema.columns[id] as Column, this.#other.schema.columns[otherId] as Column];
    this.#sourceOf[id] = otherId;
    if (describeColumn(a) === describeColumn(b)) return true;
    const recoder = pageRecoder(b.type, a.type);
    if (recoder === undefined || describeColumn({ ...b, type: a.type }) !== describeColumn(a)) return false;
    this.#recoders[otherId] = recoder;
    return true;
  }

  #describe(index: SchemaIndex, ids: readonly number[]): string {
    return ids.length === 0 ? 'nothing' : ids.map((id) => describeColumn(index.schema.columns[id] as Column)).join(' + ');
  }

  #matchAliases(): void {
    this.#first.schema.fields.forEach((_, id) => {
      const mine = this.#first.aliases[id] as number[];
      if (mine.length === 0) return;
      const path = this.#first.path(id);
      const theirs = this.#other.aliases[this.#findOther(path)] ?? [];
      const same = mine.length === theirs.length && mine.every((physical, i) => this.#sourceOf[physical] === theirs[i]);
      if (!same) this.#differ(path, 'shows other columns than in the first input');
    });
  }

  #findOther(path: string): number {
    let at = this.#other.top;
    for (const name of path.split('.')) at = this.#other.children[at]?.get(name) ?? -1;
    return at;
  }

  /** Extra type information must be known to the first, but for streamer infos, which are united (type-infos.ts). */
  #matchExtraTypeInfos(): void {
    for (const info of this.#other.schema.extraTypeInfos) {
      if (info.contentId === STREAMER_INFOS) continue;
      const known = this.#first.schema.extraTypeInfos.some(
        (mine) =>
          mine.contentId === info.contentId &&
          mine.typeVersion === info.typeVersion &&
          mine.typeName === info.typeName &&
          Buffer.compare(mine.content, info.content) === 0,
      );
      if (!known) this.#differences.push(`extra type information ${info.contentId} of ${info.typeName} differs from the first input`);
    }
  }
}

function describeColumn(column: Column): string {
  const range = column.range === undefined ? '' : ` in [${column.range[0]}, ${column.range[1]}]`;
  const representation = column.representation === 0 ? '' : ` (representation ${column.representation})`;
  return `${columnTypeName(column.type)}/${column.bits}${range}${representation}`;
}
