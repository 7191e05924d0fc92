/** Options of the public functions; `policy.ts` holds them with defaults applied. */
import type { CompressionPolicy, DifferingPolicy, MetadataPolicy, VerifyLevel } from './policy.ts';
import type { ProgressListener } from './progress.ts';

/** What planning a merge needs to know. */
export interface PlanOptions {
  /** What happens to compression; default `keep`. */
  compression?: CompressionPolicy;
  /** Leave unreadable inputs out, and say so in the report, instead of failing; default false. */
  skipBad?: boolean;
  /** Globs on full paths of objects (`/jets/**`); only matching objects are merged. */
  include?: readonly string[];
  /** Globs on full paths; matching objects are left out, and so is what a matching directory holds. */
  exclude?: readonly string[];
  /** Keep all copies of an object without a merge rule, also byte-equal ones; default false. */
  keepEqualCopies?: boolean;
  /** Date written into new records; default: the latest date found in the inputs. */
  timestamp?: Date;
  /** An existing output is the first input, and is replaced by what results; default false. */
  append?: boolean;
  /** Path of the output: what `append` looks at. A plan with one is refused where the merge would be. */
  output?: string;
  /** Replace an existing output; default false. */
  force?: boolean;
  /** PoolFileCatalog.xml that the merged POOL file is registered in, under the path of the output; made when it does not exist. */
  catalog?: string;
  /** Rows of metadata of POOL files: `concat` (default) keeps those of all inputs, `sum` makes one of what can be summed. */
  metadata?: MetadataPolicy;
  /** FID of the merged file, a GUID, when the inputs are POOL files; default: derived from their FIDs. */
  fid?: string;
  /** HDF5: globs on full paths of datasets that are added, element by element, instead of joined. */
  sum?: readonly string[];
  /** HDF5: globs on full paths of datasets that must be equal in all inputs and are kept once. */
  once?: readonly string[];
  /** HDF5: attributes and scalars that differ are refused (default), or the first input's are kept. */
  differing?: DifferingPolicy;
  signal?: AbortSignal;
  onProgress?: ProgressListener;
}

/** What a merge needs to know. */
export interface MergeOptions extends PlanOptions {
  /** Path of the output. */
  output: string;
  /** How much is checked beyond what merging itself reads; default `fast`. */
  verify?: VerifyLevel;
  /** The caller's own test of the finished candidate, before it gets its name; throw to refuse it. */
  check?: (candidatePath: string) => Promise<void> | void;
}
