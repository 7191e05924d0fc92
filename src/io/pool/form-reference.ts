/**
 * How a DataHeader_p6 names its form: by a token or, in files written with OneDataHeaderForm, by a placement
 *
 *   [CONT=container][TECH=%08X]aux[DB=guid][SWN=n]
 *
 * The form is then a row of that container in the header's own file. Its OID.second has the upper half of the header's own
 * and the lower half n - 1, without SWN 0: n is the number of the client whose form a shared writer wrote as its n-th. DB is
 * no address, readers tell the forms they keep in memory apart by the whole text.
 * Source: ATLAS athena Database/PersistentDataModelAthenaPool/src/DataHeaderCnv.cxx (2024).
 */
import { CorruptFileError } from '../../errors.ts';
import { COUNTER_BITS, type Container } from './containers.ts';
import { HEADER_CLASS_IDS } from './data-header.ts';
import type { PoolContents } from './pool-contents.ts';
import { TECHNOLOGY, isPlacement, parseToken, type Reference, type Token } from './token.ts';

/** A reference to a form. */
export interface FormReference extends Reference {
  /** True where a placement names the form; then `aux` is undefined. */
  isPlaced: boolean;
  /** What follows a token. */
  aux: string | undefined;
}

const CONTAINER = /\[CONT=([^\]]*)\]/;
const STORAGE_TYPE = /\[TECH=([0-9A-Fa-f]{1,8})\]/;
const CLIENT = /\[SWN=([^\]]*)\]/;

/** What a placement says: container, technology, and the lower half of OID.second. CorruptFileError where it does not. */
export function parsePlacement(text: string): { container: string; technology: number; counter: bigint } {
  const [container, technology, client] = [CONTAINER, STORAGE_TYPE, CLIENT].map((pattern) => pattern.exec(text)?.[1]);
  if (container === undefined || technology === undefined) {
    throw new CorruptFileError('placement of a form names no container and technology', { found: JSON.stringify(text) });
  }
  if (client !== undefined && !/^0*[1-9]\d{0,8}$/.test(client)) {
    throw new CorruptFileError('placement of a form names no client of a shared writer', { found: JSON.stringify(text) });
  }
  return { container, technology: Number.parseInt(technology, 16), counter: client === undefined ? 0n : BigInt(client) - 1n };
}

/** The forms the headers of one container name. */
export class FormReferences {
  readonly #contents: PoolContents;
  readonly #container: Container;
  #last: { text: string; token: Token } | undefined;
  #isIndexed: boolean | undefined;

  constructor(contents: PoolContents, container: Container) {
    this.#contents = contents;
    this.#container = container;
  }

  /**
   * Reference to the form of the header of a row that names it as `text`. CorruptFileError when the text is neither
   * token nor placement, or names a container the file does not have.
   */
  at(row: number, text: string): FormReference {
    if (isPlacement(text)) return this.#placed(row, text);
    if (this.#last?.text !== text) this.#last = { text, token: parseToken(text) };
    return { ...this.#last.token, isPlaced: false };
  }

  #placed(row: number, text: string): FormReference {
    const { container, technology, counter } = parsePlacement(text);
    const link = this.#contents
      .localLinks()
      .find(({ token }) => token.container === container && token.classId.toUpperCase() === HEADER_CLASS_IDS.formP6);
    if (link === undefined) {
      throw new CorruptFileError('reference leads nowhere: placement names a container of forms that ##Links does not have', {
        found: JSON.stringify(text),
      });
    }
    if (link.token.technology !== technology) {
      throw new CorruptFileError('placement of a form names another technology than the link of its container', {
        expected: link.token.technology.toString(16),
        found: technology.toString(16),
      });
    }
    const { classId } = link.token;
    const word = (this.oid2Of(row) >> COUNTER_BITS) << COUNTER_BITS;
    return { db: this.#contents.fid, container, classId, technology, oid1: link.id, oid2: word + counter, isPlaced: true, aux: undefined };
  }

  /** OID.second that tokens of the header of a row have. */
  oid2Of(row: number): bigint {
    this.#isIndexed ??= this.#contents.localLinks().some(({ token: { container, technology } }) => {
      return container === this.#container.name && (technology === TECHNOLOGY.treeIndex || technology === TECHNOLOGY.rntuple);
    });
    const index = this.#isIndexed ? this.#contents.containers.indexOf(this.#container, row) : undefined;
    return index ?? BigInt(row);
  }
}
