/** Options of a comparison that mean something for some formats only. */
import { UsageError } from '../../errors.ts';
import { FORMAT_NAMES, type SupportedFormat } from '../../io/bytes/file-format.ts';
import type { DiffOptions } from '../diff-report.ts';

/** Of ROOT: cycles, branches of trees, order of entries, histograms, POOL files, threads. */
const OF_ROOT = [
  'cycles',
  'branches',
  'order',
  'match',
  'atlasDefaults',
  'knownHacks',
  'metadata',
  'compat',
  'threshold',
  'flows',
  'threads',
] as const satisfies (keyof DiffOptions)[];
/** What HDF5 files were merged with. */
const OF_HDF5 = ['sum', 'once', 'differing'] as const satisfies (keyof DiffOptions)[];

/** Options that mean nothing for files of a format. */
const MEANINGLESS: Readonly<Record<SupportedFormat, readonly (keyof DiffOptions)[]>> = {
  root: OF_HDF5,
  hdf5: OF_ROOT,
  arrow: [...OF_ROOT, ...OF_HDF5],
};

/** Throws a UsageError that names all options given that mean nothing for a format, or for two files. */
export function refuseMeaningless(options: DiffOptions, format: SupportedFormat, kind: 'files' | 'merge'): void {
  const given = (names: readonly (keyof DiffOptions)[]): string[] => names.filter((name) => isGiven(options[name])).map(flagOf);
  const meaningless = given(MEANINGLESS[format]);
  if (meaningless.length > 0) {
    const [what, has] = meaningless.length === 1 ? ['option', 'has'] : ['options', 'have'];
    throw new UsageError(`${what} ${meaningless.join(', ')} ${has} no meaning for ${FORMAT_NAMES[format]} files`);
  }
  const ofMerge = kind === 'files' ? given(OF_HDF5) : [];
  if (ofMerge.length > 0) throw new UsageError(`${ofMerge.join(', ')}: of use only for a merged file and its inputs`);
}

/** Options that say what happens anyway. */
const DEFAULTS: ReadonlySet<unknown> = new Set([undefined, false, 'strict', 'refuse']);

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : !DEFAULTS.has(value);
}

/** As it is written on a command line. */
function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
