/** Texts of tokens in the merged file. Thousands follow each other that differ in a few digits: those are not parsed. */
import { CorruptFileError } from '../../errors.ts';
import { formatToken, parseToken, type Reference } from '../../io/pool/token.ts';
import type { Move } from './move.ts';

/** Tells where references lead. */
interface Moves {
  /** FID of the merged file. */
  readonly fid: string;
  /** The move of a reference; undefined for one to another file. */
  moveOf(reference: Reference): Move | undefined;
  /** OID.second in the merged file. */
  rowOf(move: Move, oid2: bigint): bigint;
}

/** The token moved last, around its row number: texts in the input and in the merged file. */
interface TokenForm {
  length: number;
  head: string;
  newHead: string;
  tail: string;
  move: Move;
}

/** Moves tokens one after the other. */
export class TokenMoves {
  readonly #moves: Moves;
  #form: TokenForm | undefined;
  #last: { text: string; moved: string | undefined } | undefined;

  constructor(moves: Moves) {
    this.#moves = moves;
  }

  /** Text of equal length; undefined for a token of another file. CorruptFileError when it leads nowhere. */
  moved(text: string): string | undefined {
    if (this.#last?.text !== text) this.#last = { text, moved: this.#movedLike(text) ?? this.#movedParsed(text) };
    return this.#last.moved;
  }

  /** Tokens of one container differ in the row alone: what is before and behind it is taken from the token before. */
  #movedLike(text: string): string | undefined {
    const like = this.#form;
    if (like === undefined || text.length !== like.length || !text.startsWith(like.head) || !text.endsWith(like.tail)) return undefined;
    const digits = text.slice(like.head.length, text.length - like.tail.length);
    const row = /^[0-9A-F]+$/.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (row < 0 || row >= like.move.rowCount) return undefined;
    return like.newHead + (row + like.move.shift).toString(16).toUpperCase().padStart(digits.length, '0') + like.tail;
  }

  #movedParsed(text: string): string | undefined {
    const token = parseToken(text);
    const move = this.#moves.moveOf(token);
    if (move === undefined) return undefined;
    const moved = formatToken({ ...token, db: this.#moves.fid, oid1: move.oid1, oid2: this.#moves.rowOf(move, token.oid2) });
    if (moved.length !== text.length) {
      throw new CorruptFileError('token does not keep its length', { expected: text.length, found: moved.length });
    }
    const tail = `]${token.aux}`;
    const rowAt = text.length - tail.length - token.oidDigits;
    if (!move.byIndex && token.oidDigits === 16) {
      this.#form = { length: text.length, head: text.slice(0, rowAt), newHead: moved.slice(0, rowAt), tail, move };
    }
    return moved;
  }
}
