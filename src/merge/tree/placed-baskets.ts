/** Where the baskets of one part went: what the output's basket arrays are made from. */

/** Columns by basket, in the order of the part's basket table. */
export interface PlacedBaskets {
  /** File offset of the record in the output; 0 for a basket left out because it has no entries. */
  seek: Float64Array;
  /** fNbytes of that record. */
  bytes: Uint32Array;
  /** fObjlen + fKeylen: what fTotBytes sums. */
  totalBytes: Uint32Array;
}

/** Columns for `count` baskets. */
export function newPlacedBaskets(count: number): PlacedBaskets {
  return { seek: new Float64Array(count), bytes: new Uint32Array(count), totalBytes: new Uint32Array(count) };
}
