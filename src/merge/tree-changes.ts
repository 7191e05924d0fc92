/** What a caller wants changed in one tree of the output, beyond joining it. The tree merger knows no reason for it. */
import type { BasketParts } from '../io/root/tree/basket.ts';

/** Changes of one tree. */
export interface TreeChanges {
  /** Branches that only some inputs have are filled with default rows for the others, instead of a conflict. */
  padMissing: boolean;
  /** Entries of each branch by its name, in place of all that the inputs hold; the first input gives the tree's form. */
  made: ((branch: string) => readonly Uint8Array[]) | undefined;
  /** True when values that a TTreeIndex may sort change: the output has none. */
  dropIndex?: boolean;
  /** The inputs whose rows are taken, by index; undefined: all. */
  inputs?: ReadonlySet<number>;
  /** Inputs that have no row of the tree where there must be some, by index: their rows are made, behind those of earlier inputs. */
  absent?: ReadonlyMap<number, AbsentRows>;
  /**
   * Its first row is all that the output has of the only input that is taken: the basket with it of each branch that
   * has one, by row of the scan.
   */
  firstRow?: ReadonlyMap<number, BasketParts>;
  /** Text that replaces the tree's user info, as the only TObjString of the list; undefined keeps the first input's. */
  userInfo?: string;
  /** Baskets whose data change, by input index. */
  rewrites: ReadonlyMap<number, BasketRewrite>;
}

/** Rows of an input that lacks a tree as a whole. */
export interface AbsentRows {
  entryCount: number;
  /** Entries of a branch by its name; undefined: default ones. */
  entriesOf: (branch: string) => readonly Uint8Array[] | undefined;
}

/** Baskets of one input's tree that are decompressed, changed and compressed again. */
export interface BasketRewrite {
  /** Branches concerned, as rows of the scan of that input's tree: all their baskets with entries must be given. */
  branches: ReadonlySet<number>;
  /** Most elements an entry of a split collection has after the change, by row of its branch; only where it grew. */
  largestCounts: ReadonlyMap<number, number>;
  /** Gives each basket once, changed. */
  baskets(): Iterable<RewrittenBasket>;
}

/** A basket with changed data. */
export interface RewrittenBasket {
  /** Row of the branch in the scan of the input's tree, and number of the basket within the branch. */
  branch: number;
  slot: number;
  parts: BasketParts;
}
