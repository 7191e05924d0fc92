/** What a file that is written is to tokens: its GUID, the writer's number, and the links of its containers. */
import { LinkTable, type LinkedContainer } from './link-table.ts';
import { tokenOfReference, type PoolToken, type Reference } from './token.ts';

/** Identity of one file; see `PoolWriter.moved` for how it changes. */
export class PoolIdentity {
  readonly links: LinkTable = new LinkTable();
  /** GUIDs tokens of this file may carry: its own, and those it had before it moved. */
  readonly #fids: Set<string>;
  #fid: string;
  #base: bigint;

  constructor(fid: string) {
    this.#fid = fid;
    this.#fids = new Set([fid]);
    this.#base = baseOf(fid);
  }

  /** GUID of the file. */
  get fid(): string {
    return this.#fid;
  }

  /** The writer's number in the upper 32 bits. */
  get base(): bigint {
    return this.#base;
  }

  /** True for a token of this file. */
  owns({ db }: Reference): boolean {
    return this.#fids.has(db.toUpperCase());
  }

  /** index_ref and OID.second of a row. */
  oid2(row: number): bigint {
    return this.#base + BigInt(row);
  }

  /** A reference to what has this OID.second in a container. */
  reference(link: LinkedContainer, oid2: bigint): Reference {
    return this.links.reference(link, this.#fid, this.#base, oid2);
  }

  /** See `reference`. */
  token(link: LinkedContainer, oid2: bigint): PoolToken {
    return tokenOfReference(this.reference(link, oid2));
  }

  /** Takes another GUID. Tokens made so far stay tokens of this file. */
  rename(fid: string): void {
    this.#fid = fid;
    this.#fids.add(fid);
  }

  /** Becomes another file of the same containers, by another writer, so that index_ref differs. */
  renew(fid: string): void {
    this.#fids.clear();
    this.rename(fid);
    this.#base = baseOf(fid);
  }
}

/** The writer's number in the upper half of index_ref: 31 bits of the file's GUID, never 0. */
function baseOf(fid: string): bigint {
  return BigInt(Number.parseInt(fid.slice(0, 8), 16) & 0x7fff_ffff || 1) << 32n;
}
