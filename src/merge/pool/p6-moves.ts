/** DataHeader_p6 and its form in the merged file: which values change, whatever stores them. */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import type { Container } from '../../io/pool/containers.ts';
import { NO_TOKEN, SELF_REFERENCE_VERSION, type FormP6, type FullElementP6, type HeaderP6 } from '../../io/pool/data-header-p6.ts';
import type { Reference } from '../../io/pool/token.ts';
import { checkSelf, type Move } from './move.ts';
import type { Relocation } from './relocation.ts';

/** Rows of a header in the merged file. */
export interface MovedHeaderP6 {
  commonOid2: bigint;
  /** By full element. */
  fullOid2: bigint[];
  /**
   * Full elements to be added: references that shared the common row in the input, but not in the merged file, where
   * their containers begin at other rows. `short`: index of the short element that becomes a reference to it.
   */
  added: (FullElementP6 & { short: number })[];
  /** One move of each row space of the short elements; moves of the full elements. */
  commonMoves: readonly Move[];
  /**
   * Where the header's reference to itself has its OID.second: index of a full element, -1 for the common one;
   * undefined without such a reference.
   */
  selfAt: number | undefined;
  fullMoves: readonly (Move | undefined)[];
}

/** Values of a form in the merged file. */
export interface MovedFormP6 {
  /** By file record. */
  fids: string[];
  /** By object record. */
  oid1: bigint[];
}

function checkFullIndex(value: number, count: number): void {
  if (value === NO_TOKEN || -1 - value < count) return;
  throw new CorruptFileError('DataHeader names a full element it does not have', { expected: `below ${count}`, found: -1 - value });
}

/** A form and what its headers do with it: object records name no file, so a link id follows from their use. */
export class FormMovesP6 {
  readonly #form: FormP6;
  readonly #relocation: Relocation;
  /** By file record, then object record; null: not asked for yet. */
  readonly #moves: (Move | undefined | null)[][];
  /** Link id of each object record that a header uses. */
  readonly #oid1: (bigint | undefined)[];

  constructor(form: FormP6, relocation: Relocation) {
    this.#form = form;
    this.#relocation = relocation;
    this.#moves = form.dbRecords.map(() => new Array<Move | undefined | null>(form.objectRecords.length).fill(null));
    this.#oid1 = new Array<bigint | undefined>(form.objectRecords.length).fill(undefined);
  }

  /**
   * Rows of a header, which is that of a row of `container`. CorruptFileError when a reference of it leads nowhere, or
   * that to itself elsewhere.
   */
  moveHeader(header: HeaderP6, container: Container, row: number): MovedHeaderP6 {
    const { fullElements } = header;
    const selfAt = this.#selfOf(header, container, row);
    const { commonOid2, added, moves } = this.#moveCommon(header);
    const fullMoves = fullElements.map(({ dbIndex, objectIndex }) => this.#moveOf(dbIndex, objectIndex));
    const fullOid2 = fullElements.map(({ oid2 }, i) => {
      const move = fullMoves[i];
      return move === undefined ? oid2 : this.#relocation.rowOf(move, oid2);
    });
    return { commonOid2, fullOid2, added, commonMoves: moves, fullMoves, selfAt };
  }

  /** The last element of forms of this version leads to the header itself. */
  #selfOf({ shortElements, commonDbIndex, commonOid2, fullElements }: HeaderP6, container: Container, row: number): number | undefined {
    const last = shortElements.at(-1);
    if (last === undefined || last === NO_TOKEN || this.#form.version < SELF_REFERENCE_VERSION) return undefined;
    const full = last < 0 ? fullElements[-1 - last] : { dbIndex: commonDbIndex, objectIndex: last, oid2: commonOid2 };
    const move = full && this.#moveOf(full.dbIndex, full.objectIndex);
    if (full === undefined || move?.target.container !== container) return undefined;
    checkSelf(move, container, full.oid2, row);
    return last < 0 ? -1 - last : -1;
  }

  /** The row most short elements share, and the others as full elements. */
  #moveCommon({
    commonDbIndex,
    commonOid2,
    shortElements,
    fullElements,
  }: HeaderP6): Pick<MovedHeaderP6, 'commonOid2' | 'added'> & { moves: Move[] } {
    const moves: Move[] = [];
    const rows = new Map<number, bigint>();
    const counts = new Map<bigint, number>();
    for (const value of shortElements) {
      if (value < 0) checkFullIndex(value, fullElements.length);
      const move = value < 0 ? undefined : this.#moveOf(commonDbIndex, value);
      if (move === undefined) continue;
      let row = rows.get(move.space);
      if (row === undefined) {
        moves.push(move);
        row = this.#relocation.rowOf(move, commonOid2);
        rows.set(move.space, row);
      }
      counts.set(row, (counts.get(row) ?? 0) + 1);
    }
    const common = [...counts].reduce<[bigint, number]>((best, next) => (next[1] > best[1] ? next : best), [commonOid2, 0])[0];
    const added: MovedHeaderP6['added'] = [];
    if (counts.size > 1) {
      shortElements.forEach((value, short) => {
        const move = value < 0 ? undefined : this.#moveOf(commonDbIndex, value);
        const row = move === undefined ? common : rows.get(move.space);
        if (row !== undefined && row !== common) added.push({ short, oid2: row, dbIndex: commonDbIndex, objectIndex: value });
      });
    }
    return { commonOid2: common, added, moves };
  }

  #moveOf(dbIndex: number, objectIndex: number): Move | undefined {
    const moves = this.#moves[dbIndex];
    const known = moves?.[objectIndex];
    if (known !== null && moves !== undefined && objectIndex < moves.length) return known;
    const reference = this.#reference(dbIndex, objectIndex);
    const move = this.#relocation.moveOf(reference);
    this.#use(objectIndex, move?.oid1 ?? reference.oid1);
    (moves as (Move | undefined)[])[objectIndex] = move;
    return move;
  }

  #reference(dbIndex: number, objectIndex: number): Reference {
    const [db, object] = [this.#form.dbRecords[dbIndex], this.#form.objectRecords[objectIndex]];
    if (db === undefined) {
      throw new CorruptFileError('DataHeader names a file its form does not have', {
        expected: `below ${this.#form.dbRecords.length}`,
        found: dbIndex,
      });
    }
    if (object === undefined) {
      throw new CorruptFileError('DataHeader names an object its form does not have', {
        expected: `below ${this.#form.objectRecords.length}`,
        found: objectIndex,
      });
    }
    const { container, classId, oid1 } = object;
    return { db: db.fid, technology: db.technology, container, classId, oid1, oid2: 0n };
  }

  /** One object record has one link id: uses in different files must agree. */
  #use(objectIndex: number, oid1: bigint): void {
    const known = this.#oid1[objectIndex];
    if (known !== undefined && known !== oid1) {
      const name = this.#form.objectRecords[objectIndex]?.container;
      throw new UnsupportedError(
        `one object record of the form (${name}) is used for several files, whose link ids differ in the merged file`,
      );
    }
    this.#oid1[objectIndex] = oid1;
  }

  /** The form's own values; records that no header uses are taken as references to the input itself. */
  moveForm(ownFid: string): MovedFormP6 {
    const own = this.#form.dbRecords.findIndex(({ fid }) => fid.toUpperCase() === ownFid.toUpperCase());
    const oid1 = this.#form.objectRecords.map((record, i) => {
      const used = this.#oid1[i];
      if (used !== undefined || own < 0) return used ?? record.oid1;
      return this.#relocation.linkIdOf(this.#reference(own, i)) ?? record.oid1;
    });
    return { fids: this.#form.dbRecords.map(({ fid }) => (this.#relocation.isMerged(fid) ? this.#relocation.fid : fid)), oid1 };
  }
}
