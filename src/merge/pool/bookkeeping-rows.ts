/** Rows of ##Params, ##Links and ##Shapes of the merged file, and the link ids its references get. */
import { createHash } from 'node:crypto';
import {
  BOOKKEEPING,
  BOOKKEEPING_BRANCH,
  FID_PARAM,
  FIRST_STORED_LINK,
  PFN_PARAM,
  formatParam,
  linkIdentity,
  linkToken,
  type Link,
} from '../../io/pool/bookkeeping.ts';
import { BigEndianWriter } from '../../io/bytes/big-endian.ts';
import { COUNTER_BITS } from '../../io/pool/containers.ts';
import { invariant } from '../../errors.ts';
import { ZERO_GUID, guidFromDigest } from '../../io/pool/guid.ts';
import { LOCAL_DB, formatToken, type Token } from '../../io/pool/token.ts';
import { fidsOf, type PoolInput, type PoolProblem } from './pool-inputs.ts';

/** The bookkeeping of the merged file. */
export interface MergedBookkeeping {
  fid: string;
  params: string[];
  links: string[];
  shapes: string[];
  /** Link id in the merged file of a link of an input. */
  linkIdOf: (link: Link) => bigint;
  /** Process-id word the writer of the first input used: upper half of its index_ref values in these trees. */
  indexWord: bigint;
  problems: PoolProblem[];
}

/** FID of a merged file: follows from the FIDs of the inputs and their order. */
export function derivedFid(inputs: readonly PoolInput[]): string {
  const hash = createHash('sha256');
  for (const { contents } of inputs) hash.update(`${contents.fid.toUpperCase()}\n`);
  return guidFromDigest(hash.digest());
}

/** Unites the bookkeeping of all inputs; `pfn` is the name the output is created under. */
export function mergeBookkeeping(inputs: readonly PoolInput[], fid: string, pfn: string): MergedBookkeeping {
  const links = new LinkUnion(inputs);
  const { problems } = links;
  return {
    fid,
    params: mergedParams(inputs, fid, pfn),
    links: links.rows,
    shapes: mergedShapes(inputs, problems),
    linkIdOf: (link) => links.idOf(link),
    indexWord: links.word,
    problems,
  };
}

/**
 * Rows of the first input, then those only later ones have (their writers may be newer); FIDs of files joined before
 * are gone: no reference names them any more.
 */
function mergedParams(inputs: readonly PoolInput[], fid: string, pfn: string): string[] {
  const values = new Map<string, string>();
  for (const { contents } of inputs) {
    const own = new Map(contents.bookkeeping.params.map(({ name, value }) => [name, value])); // the last row of a name counts
    for (const [name, value] of own) if (!values.has(name)) values.set(name, value);
  }
  const changed: Readonly<Record<string, string>> = { [FID_PARAM]: fid, [PFN_PARAM]: pfn };
  return [...values].map(([name, value]) => formatParam({ name, value: changed[name] ?? value }));
}

/** By ID: readers take the first row of an ID, also where a file has several. */
function mergedShapes(inputs: readonly PoolInput[], problems: PoolProblem[]): string[] {
  const rows = new Map<string, { text: string; className: string; input: PoolInput['input'] }>();
  for (const { input, contents } of inputs) {
    for (const { id, text, className } of contents.bookkeeping.shapes) {
      const known = rows.get(id.toUpperCase());
      if (known === undefined) rows.set(id.toUpperCase(), { text, className, input });
      else if (known.input !== input && plainName(known.className) !== plainName(className)) {
        problems.push({
          code: 'pool-shape',
          reason: `##Shapes gives the class ${className} the ID ${id} that ${known.className} has in ${known.input.path}`,
          input,
        });
      }
    }
  }
  return [...rows.values()].map(({ text }) => text);
}

/** A class name as all releases spell it: without blanks and `std::`. */
function plainName(className: string): string {
  return className.replaceAll(/\s+|\bstd::/g, '');
}

/** Links of all inputs by what they lead to: file, container, class. */
class LinkUnion {
  readonly rows: string[] = [];
  readonly problems: PoolProblem[] = [];
  /** Process-id word of the ids, above their lower 32 bits. */
  readonly word: bigint;
  readonly #fids: ReadonlySet<string>;
  readonly #known = new Map<string, { id: bigint; technology: number }>();

  constructor(inputs: readonly PoolInput[]) {
    this.#fids = new Set(inputs.flatMap(fidsOf));
    const first = (inputs[0] as PoolInput).contents.bookkeeping.links[0];
    this.word = first === undefined ? 0n : (first.id >> COUNTER_BITS) << COUNTER_BITS;
    for (const pool of inputs) for (const link of pool.contents.bookkeeping.links) this.#add(pool, link);
  }

  /** ##Sections is no container of the merged file. */
  #add(pool: PoolInput, { token }: Link): void {
    if (token.container === BOOKKEEPING.sections) return;
    const key = this.#keyOf(token);
    const known = this.#known.get(key);
    if (known === undefined) {
      const id = this.word | (BigInt(this.rows.length) + FIRST_STORED_LINK);
      this.#known.set(key, { id, technology: token.technology });
      this.rows.push(formatToken(linkToken({ ...token, db: this.#dbOf(token) }, id)));
    } else if (known.technology !== token.technology) {
      const [mine, theirs] = [token.technology, known.technology].map((technology) => technology.toString(16));
      this.problems.push({
        code: 'pool-storage',
        reason: `container ${token.container} has the technology ${mine}, in an earlier input ${theirs}`,
        input: pool.input,
      });
    }
  }

  /** How a link names the merged file: as it named its own. */
  #dbOf({ db }: Token): string {
    return db !== LOCAL_DB && this.#isMerged(db) ? ZERO_GUID : db;
  }

  #isMerged(db: string): boolean {
    return db === ZERO_GUID || db === LOCAL_DB || this.#fids.has(db.toUpperCase());
  }

  #keyOf(token: Token): string {
    return linkIdentity(this.#isMerged(token.db) ? { ...token, db: '' } : token);
  }

  idOf({ token }: Link): bigint {
    const id = this.#known.get(this.#keyOf(token))?.id;
    invariant(id !== undefined, `link of ${token.container} was not united`);
    return id;
  }
}

/**
 * Entries of a bookkeeping tree by branch: the texts, and index_ref values for them where it has these. `indexWord`:
 * upper half of the latter.
 */
export function bookkeepingEntries(texts: readonly string[], indexWord: bigint): (branch: string) => Uint8Array[] {
  return (branch) => (branch === BOOKKEEPING_BRANCH ? texts.map(textEntry) : texts.map((_, row) => longEntry(indexWord | BigInt(row))));
}

/** A text as a TLeafC stores it: behind its length. */
function textEntry(text: string): Uint8Array {
  const w = new BigEndianWriter(text.length + 8);
  w.tstring(text);
  return w.done();
}

/** A number of 8 bytes as a TLeafL stores it. */
export function longEntry(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value);
  return bytes;
}
