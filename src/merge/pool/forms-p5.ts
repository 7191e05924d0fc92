/** DataHeaderForm_p5 in the merged file: texts of FIDs, link ids, and the digest headers repeat. */
import { CorruptFileError } from '../../errors.ts';
import { decodeElementP5, formDigestP5, type FormP5 } from '../../io/pool/data-header-p5.ts';
import { FormReader } from '../../io/pool/header-rows.ts';
import { formP5Of, locateFormP5, type FormPlacesP5 } from '../../io/pool/locate-p5.ts';
import type { NumberPlaces, TextPlace } from '../../io/pool/places.ts';
import type { RowColumns } from '../../io/pool/row-columns.ts';
import type { Container } from '../../io/pool/containers.ts';
import { patchNumber, patchText } from './patch-places.ts';
import type { Move } from './move.ts';
import type { Relocation } from './relocation.ts';

/** Low half of an element's first word: 0 means that m_token is a whole token. */
const VERSION_MASK = 0xffff;

/** A form as headers need it. */
export interface MovedFormP5 {
  form: FormP5;
  /** By element: its move; undefined for elements of other files. */
  moves: (Move | undefined)[];
  /** Elements that are whole tokens. */
  wholeTokens: number[];
  newDigest: string;
}

/** Moves the forms of one input. */
export class FormsP5 {
  readonly #relocation: Relocation;
  readonly #readers = new Map<Container, FormReader>();
  #last: { container: Container; row: number; moved: MovedFormP5 } | undefined;

  constructor(relocation: Relocation) {
    this.#relocation = relocation;
  }

  /** The form of a row, as headers need it; the last one is kept. */
  formAt(container: Container, row: number): MovedFormP5 {
    const last = this.#last;
    if (last?.container === container && last.row === row) return last.moved;
    let reader = this.#readers.get(container);
    if (reader === undefined) {
      reader = new FormReader(container);
      this.#readers.set(container, reader);
    }
    const stored = reader.form(row);
    if (stored.version !== 'p5') {
      throw new CorruptFileError('form is of another storage version than its header', { expected: 'p5', found: stored.version });
    }
    const moved = this.#move(stored.form);
    this.#last = { container, row, moved };
    return moved;
  }

  /** Changes a row of a container of forms. */
  patch(columns: RowColumns): void {
    const places: FormPlacesP5 = locateFormP5(columns);
    const form = formP5Of(places);
    const moved = this.#moveForm(form, this.#movesOf(form).moves);
    moved.map.forEach((text, i) => {
      if (text !== form.map[i]) patchText(places.map[i] as TextPlace, text);
    });
    moved.uints.forEach((words, row) => {
      words.forEach((word, i) => {
        if (word !== form.uints[row]?.[i]) patchNumber(places.uints[row] as NumberPlaces, i, BigInt(word));
      });
    });
  }

  #move(form: FormP5): MovedFormP5 {
    const { moves, wholeTokens } = this.#movesOf(form);
    return { form, moves, wholeTokens, newDigest: formDigestP5(this.#moveForm(form, moves)) };
  }

  #movesOf(form: FormP5): Pick<MovedFormP5, 'moves' | 'wholeTokens'> {
    const moves: (Move | undefined)[] = [];
    const wholeTokens: number[] = [];
    for (let k = 0; k + 1 < form.uints.length; k++) {
      if (isWholeToken(form, k)) {
        wholeTokens.push(k);
        moves.push(undefined);
      } else {
        // the link id alone counts
        moves.push(this.#relocation.moveOf({ ...decodeElementP5(form, k, { token: '', oid2: 0 }), container: '' }));
      }
    }
    return { moves, wholeTokens };
  }

  /** FIDs stand in the table of texts once for all elements of a file; link ids in the words of each. */
  #moveForm(form: FormP5, moves: readonly (Move | undefined)[]): FormP5 {
    const map = [...form.map];
    const uints = form.uints.map((words) => [...words]);
    moves.forEach((move, k) => {
      const words = uints[k + 1];
      if (move === undefined || words === undefined) return;
      map[(words[1] as number) >>> 16] = this.#relocation.fid;
      words[linkIndexOf(words)] = wordOf(move.oid1);
    });
    return { map, uints };
  }
}

function isWholeToken(form: FormP5, k: number): boolean {
  return ((form.uints[k + 1]?.[0] ?? 0) & VERSION_MASK) === 0;
}

/** Index of oid1 in the words of an element: behind the technology where that is given (version bit 0). */
function linkIndexOf(words: readonly number[]): number {
  return ((words[0] as number) & 1) !== 0 ? 4 : 3;
}

function wordOf(oid1: bigint): number {
  if (oid1 < 0n || oid1 > 0xffff_ffffn) throw new CorruptFileError('a link id does not fit a form p5', { found: oid1.toString() });
  return Number(oid1);
}
