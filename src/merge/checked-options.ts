/** Options of a call, checked and with defaults applied: programs without types may give anything. */
import { basename } from 'node:path';
import { UsageError } from '../errors.ts';
import { isGuid } from '../io/pool/guid.ts';
import { encodeDatime } from '../io/root/container/datime.ts';
import type { MergeOptions, PlanOptions } from './merge-options.ts';
import type { CompressionPolicy, MergePolicy } from './policy.ts';

/** The policy that options stand for. UsageError for values that an option does not have. */
export function resolvePolicy(options: PlanOptions & Partial<Pick<MergeOptions, 'verify'>>): MergePolicy {
  return {
    compression: checkedCompression(options.compression),
    verify: oneOf('verify', options.verify, ['fast', 'full', 'none']),
    keepEqualCopies: options.keepEqualCopies ?? false,
    skipBad: options.skipBad ?? false,
    ...(options.append === true && options.output !== undefined && { neverSkipped: options.output }),
    include: options.include ?? [],
    exclude: options.exclude ?? [],
    datime: options.timestamp === undefined ? undefined : encodeDatime(options.timestamp),
    pool: {
      metadata: oneOf('metadata', options.metadata, ['concat', 'sum']),
      fid: checkedFid(options.fid),
      pfn: basename(options.output ?? 'merged.root'),
    },
    hdf5: { sum: options.sum ?? [], once: options.once ?? [], differing: oneOf('differing', options.differing, ['refuse', 'first']) },
  };
}

/** Options that only POOL files have a use for must not be ignored. UsageError. */
export function refusePoolOptions({ fid, catalog, metadata }: PlanOptions): void {
  const given = Object.entries({ fid, catalog, metadata }).find(([, value]) => value !== undefined);
  if (given !== undefined) throw new UsageError(`option ${given[0]}: the inputs are no POOL files`);
}

/** Options that only HDF5 files have a use for must not be ignored. UsageError. */
export function refuseHdf5Options({ sum, once, differing }: PlanOptions): void {
  const given = Object.entries({ sum, once, differing }).find(([, value]) => value !== undefined);
  if (given !== undefined) throw new UsageError(`option ${given[0]}: the inputs are no HDF5 files`);
}

function checkedFid(fid: string | undefined): string | undefined {
  if (fid !== undefined && !isGuid(fid)) throw new UsageError(`not a GUID: ${fid}`);
  return fid?.toUpperCase();
}

/** The value of an option, the first of its `choices` where it is not given. */
function oneOf<T extends string>(option: string, value: T | undefined, choices: readonly [T, ...T[]]): T {
  if (value !== undefined && !choices.includes(value)) {
    throw new UsageError(`option ${option} is none of ${choices.join(', ')}: ${String(value)}`);
  }
  return value ?? choices[0];
}

function checkedCompression(value: CompressionPolicy | undefined): CompressionPolicy {
  if (typeof value !== 'number') return oneOf<'keep' | 'first'>('compression', value, ['keep', 'first']);
  if (!Number.isInteger(value) || value < 0) throw new UsageError(`option compression is no setting of ROOT: ${value}`);
  return value;
}
