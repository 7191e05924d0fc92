/** Forms against those they come from: files and links must lead to the same containers, everything else must be equal. */
import type { FormP5 } from '../../io/pool/data-header-p5.ts';
import type { FormP6, ObjectRecordP6 } from '../../io/pool/data-header-p6.ts';
import { isGuid } from '../../io/pool/guid.ts';
import type { StoredForm } from '../../io/pool/header-rows.ts';
import type { Reference } from '../../io/pool/token.ts';
import type { PoolSide, PoolSides } from './pool-sides.ts';
import type { ReferenceJudge } from './reference-judge.ts';

/** Bits of the first word of a p5 element; see `data-header-p5.ts`. */
const P5 = { version: 0xffff, hasTechnology: 0x1 } as const;

/** Judges forms. */
export class FormJudge {
  readonly #sides: PoolSides;
  readonly #judge: ReferenceJudge;

  constructor(sides: PoolSides, judge: ReferenceJudge) {
    this.#sides = sides;
    this.#judge = judge;
  }

  /** Judges one form; `theirs` is of file `source` on the right. */
  judge(at: string, ours: StoredForm, theirs: StoredForm, source: number): void {
    const side = this.#sides.right[source];
    if (side === undefined) return;
    if (ours.version === 'p5' && theirs.version === 'p5') this.#judgeP5(at, ours.form, theirs.form, side);
    else if (ours.version === 'p6' && theirs.version === 'p6') this.#judgeP6(at, ours.form, theirs.form, side);
    else this.#judge.altered(at, ours.version, theirs.version);
  }

  #judgeP5(at: string, ours: FormP5, theirs: FormP5, side: PoolSide): void {
    if (ours.map.length !== theirs.map.length) this.#judge.altered(`${at}.m_map`, `${ours.map.length} texts`, `${theirs.map.length} texts`);
    theirs.map.forEach((text, i) => {
      const our = ours.map[i];
      if (our !== undefined && !this.#isSameFile(our, text)) this.#judge.altered(`${at}.m_map[${i}]`, our, text);
    });
    if (ours.uints.length !== theirs.uints.length) {
      this.#judge.altered(`${at}.m_uints`, `${ours.uints.length} rows`, `${theirs.uints.length} rows`);
    }
    theirs.uints.forEach((words, row) => {
      const our = ours.uints[row];
      if (our !== undefined) this.#judgeWords(`${at}.m_uints[${row}]`, our, words, row === 0 ? -1 : linkWord(words), [ours, theirs], side);
    });
  }

  #judgeWords(
    at: string,
    ours: readonly number[],
    theirs: readonly number[],
    link: number,
    [ourForm, theirForm]: readonly [FormP5, FormP5],
    side: PoolSide,
  ): void {
    if (ours.length !== theirs.length) return this.#judge.altered(at, `${ours.length} words`, `${theirs.length} words`);
    for (let i = 0; i < theirs.length; i++) if (i !== link && ours[i] !== theirs[i]) this.#judge.altered(`${at}[${i}]`, ours[i], theirs[i]);
    if (link < 0) return;
    const reference = (form: FormP5, words: readonly number[]): Reference => ({
      db: form.map[(words[1] ?? 0) >>> 16] ?? '',
      classId: form.map[(words[1] ?? 0) & 0xffff] ?? '',
      container: '',
      technology: 0,
      oid1: BigInt(words[link] ?? 0),
      oid2: 0n,
    });
    this.#judgeLink(`${at}[${link}]`, reference(ourForm, ours), reference(theirForm, theirs), side);
  }

  #judgeP6(at: string, ours: FormP6, theirs: FormP6, side: PoolSide): void {
    if (ours.dbRecords.length !== theirs.dbRecords.length) {
      this.#judge.altered(`${at}.m_dbRecords`, ours.dbRecords.length, theirs.dbRecords.length);
    }
    theirs.dbRecords.forEach(({ fid, technology }, i) => {
      const our = ours.dbRecords[i];
      if (our === undefined) return;
      if (!this.#isSameFile(our.fid, fid)) this.#judge.altered(`${at}.m_dbRecords[${i}].fid`, our.fid, fid);
      if (our.technology !== technology) this.#judge.altered(`${at}.m_dbRecords[${i}].tech`, our.technology, technology);
    });
    if (ours.objectRecords.length !== theirs.objectRecords.length) {
      this.#judge.altered(`${at}.m_objRecords`, ours.objectRecords.length, theirs.objectRecords.length);
    }
    theirs.objectRecords.forEach((theirRecord, i) => {
      const our = ours.objectRecords[i];
      if (our === undefined) return;
      const [ourText, theirText] = [our, theirRecord].map(
        ({ classId, container, key, clid }) => `${key} (CLID ${clid}) in ${container} of class ${classId}`,
      );
      if (ourText !== theirText) this.#judge.altered(`${at}.m_objRecords[${i}]`, ourText, theirText);
      else this.#judgeRecord(`${at}.m_objRecords[${i}].oid1`, [our, theirRecord], [ours, theirs], side);
    });
  }

  /**
   * Which file an object record belongs to is said by the headers: another link id must lead to the container that the old one
   * leads to in one of the files the form names, or to one of that name for a file that was merged before.
   */
  #judgeRecord(
    at: string,
    [our, their]: readonly [ObjectRecordP6, ObjectRecordP6],
    [ours, theirs]: readonly [FormP6, FormP6],
    side: PoolSide,
  ): void {
    if (our.oid1 === their.oid1) return; // whether it should have changed is seen where headers use it
    const reference = ({ classId, container, oid1 }: ObjectRecordP6, db: string): Reference => ({
      db,
      container,
      classId,
      technology: 0,
      oid1,
      oid2: 0n,
    });
    const have = this.#sides.left.resolver.locate(reference(our, this.#sides.left.contents.fid));
    const isRight =
      typeof have === 'object' &&
      [side.contents.fid, ...theirs.dbRecords.map(({ fid }) => fid)].some((fid, i) => {
        const want = side.resolver.locate(reference(their, fid));
        if (want === undefined) return this.#isLeft(ours.dbRecords[i - 1]?.fid) && have.container.name === their.container;
        return typeof want === 'object' && have.container.name === want.container.name;
      });
    if (!isRight) this.#judge.altered(at, our.oid1, their.oid1);
  }

  /**
   * True when both texts are equal, or the one of this side names the merged file in place of one that went into it, be
   * it long before: headers tell whether that is right.
   */
  #isSameFile(our: string, their: string): boolean {
    return our === their || (isGuid(their) && this.#isLeft(our));
  }

  #isLeft(fid: string | undefined): boolean {
    return fid?.toUpperCase() === this.#sides.left.contents.fid.toUpperCase();
  }

  /** Both link ids must lead to the same container, or be equal where they lead to other files. */
  #judgeLink(at: string, ours: Reference, theirs: Reference, side: PoolSide): void {
    const [have, want] = [this.#sides.left.resolver.locate(ours), side.resolver.locate(theirs)];
    const isUnknown = typeof want === 'string' || want === undefined;
    const [found, expected] = [placeText(have), isUnknown ? linkText(theirs) : placeText(want)];
    if (isUnknown ? ours.oid1 === theirs.oid1 : found === expected) return;
    this.#judge.altered(at, `${linkText(ours)}: ${found}`, expected);
  }
}

/** Where a reference leads. */
function placeText(target: ReturnType<PoolSide['resolver']['locate']>): string {
  if (target === undefined) return 'a file that is not here';
  return typeof target === 'string' ? `nowhere: ${target}` : target.container.name;
}

function linkText({ oid1 }: Reference): string {
  return `link ${oid1.toString(16)}`;
}

/** Place of the link id among the words of a p5 element; -1 for one without words. */
function linkWord(words: readonly number[]): number {
  const version = (words[0] ?? 0) & P5.version;
  if (version === 0) return -1;
  return (version & P5.hasTechnology) === 0 ? 3 : 4;
}
