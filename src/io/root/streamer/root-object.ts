/** Objects of ROOT classes as plain JavaScript objects, in the shape JSROOT uses. */

/**
 * An object of a ROOT class: `_typename`, and every member under ROOT's own name (`fName`, `fXaxis`, …), those of base classes
 * among them. Shapes of the values:
 *   numbers         number; bigint is taken for 64-bit members, too, and given for values beyond 2^53
 *   TString         string
 *   member TArrayX  the values alone (`fSumw2`, `fXbins`)
 *   base TArrayX    `fN` and `fArray`; when writing, `fN` follows from `fArray`
 *   TList, …        a RootList
 */
export interface RootObject {
  _typename: string;
  [member: string]: unknown;
}

/** A TList, THashList or TObjArray: items in `arr`, and for the lists the option string of each in `opt`. */
export interface RootList extends RootObject {
  name: string;
  arr: (RootObject | null)[];
  opt?: string[];
}

/** Values of a member of basic type. */
export type NumberArray = ArrayLike<number | bigint>;

/** Classes that stream as a TList does, under its version. */
export const LIST_CLASSES: ReadonlySet<string> = new Set(['TList', 'THashList']);
/** Version of TList (TList::Streamer). */
export const LIST_VERSION = 5;
/** Version of TObjArray (TObjArray::Streamer). */
export const OBJ_ARRAY_VERSION = 3;

/** Type codes of the values of the TArray classes, see type-codes.ts. */
export const ARRAY_TYPES: ReadonlyMap<string, number> = new Map([
  ['TArrayC', 1],
  ['TArrayS', 2],
  ['TArrayI', 3],
  ['TArrayL', 4],
  ['TArrayL64', 16],
  ['TArrayF', 5],
  ['TArrayD', 8],
]);

/** A TObject as streamed: version 1, fUniqueID 0, fBits kNotDeleted | kIsOnHeap. */
export const NEW_TOBJECT: Uint8Array = Uint8Array.of(0, 1, 0, 0, 0, 0, 3, 0, 0, 0);
/** fBits of a collection that owns its objects (TCollection::kIsOwner). */
export const OBJECT_LIST_OWNER = 0x4000;
