/** The decisions a caller makes about a merge, resolved: every field has a value. */

/** How much is checked beyond what merging itself reads. */
export type VerifyLevel = 'none' | 'fast' | 'full';

/** `keep`: stored bytes stay as they are; `first`: everything takes the first input's setting; number: 100 * algorithm + level. */
export type CompressionPolicy = 'keep' | 'first' | number;

/** What happens to the metadata of POOL files: rows of all inputs one after the other, or one row of sums. */
export type MetadataPolicy = 'concat' | 'sum';

/** What concerns POOL files only. */
export interface PoolPolicy {
  metadata: MetadataPolicy;
  /** GUID of the merged file; undefined: it follows from those of the inputs. */
  fid: string | undefined;
  /** Name of the merged file as its ##Params tell it. */
  pfn: string;
}

/** Attributes and scalars of HDF5 files that differ: refused, or the first input's are kept, and that is told. */
export type DifferingPolicy = 'refuse' | 'first';

/** What concerns HDF5 files only; globs are on full paths of datasets. */
export interface Hdf5Policy {
  /** Datasets that are added, element by element. */
  sum: readonly string[];
  /** Datasets that must be equal in all inputs and are kept once. */
  once: readonly string[];
  differing: DifferingPolicy;
}

/** Options of a merge after defaults were applied. */
export interface MergePolicy {
  compression: CompressionPolicy;
  verify: VerifyLevel;
  /** Keep every copy of an object without a merge rule, even byte-equal ones. */
  keepEqualCopies: boolean;
  /** Unreadable inputs are reported and left out instead of ending the merge. */
  skipBad: boolean;
  /** The input that `skipBad` does not concern: the output that is appended to and will be replaced. */
  neverSkipped?: string;
  /** Globs on full paths; empty `include` means everything. */
  include: readonly string[];
  exclude: readonly string[];
  /** Packed TDatime for everything written anew; undefined: the latest date found in the inputs. */
  datime: number | undefined;
  pool: PoolPolicy;
  hdf5: Hdf5Policy;
}
