/** Values of flags: text of the command line to what the public functions take. Each throws UsageError with the mend. */
import { UsageError, type CompressionPolicy, type VerifyLevel } from '../src/index.ts';

/** Compression algorithms by name: number in ROOT's settings (100 * algorithm + level) and ROOT's default level. */
const ALGORITHMS: Record<string, { number: number; level: number }> = {
  zlib: { number: 1, level: 1 },
  lzma: { number: 2, level: 7 },
  xz: { number: 2, level: 7 },
  lz4: { number: 4, level: 4 },
  zstd: { number: 5, level: 5 },
};
const MAX_LEVEL = 9;
const COMPRESSION_MEND = 'use keep, first, none, zlib, lzma, lz4 or zstd with an optional level (zstd:5), or a number of ROOT (505)';

/** Years a ROOT date can hold: 6 bits from 1995. */
const FIRST_YEAR = 1995;
const LAST_YEAR = 2058;

/** `keep`, `first`, `none`, `ALG[:LEVEL]` or ROOT's number. */
export function parseCompression(text: string): CompressionPolicy {
  if (text === 'keep' || text === 'first') return text;
  if (text === 'none') return 0;
  if (/^\d+$/.test(text)) return checkedSetting(Number(text), text);
  const [name, levelText, ...rest] = text.split(':');
  const algorithm = Object.hasOwn(ALGORITHMS, name ?? '') ? ALGORITHMS[name ?? ''] : undefined;
  if (algorithm === undefined || rest.length > 0 || (levelText !== undefined && !/^[1-9]$/.test(levelText))) {
    throw new UsageError(`unknown compression '${text}': ${COMPRESSION_MEND}`);
  }
  return algorithm.number * 100 + (levelText === undefined ? algorithm.level : Number(levelText));
}

function checkedSetting(setting: number, text: string): number {
  const [algorithm, level] = [Math.floor(setting / 100), setting % 100];
  const known = Object.values(ALGORITHMS).some((a) => a.number === algorithm);
  if (setting === 0) return 0;
  if (!known || level > MAX_LEVEL) throw new UsageError(`unknown compression '${text}': ${COMPRESSION_MEND}`);
  return level === 0 ? 0 : setting;
}

/** `fast`, `full` or `none`. */
export function parseVerify(text: string): VerifyLevel {
  if (text === 'fast' || text === 'full' || text === 'none') return text;
  throw new UsageError(`unknown level of verification '${text}': use fast, full or none`);
}

/** An ISO date (`2026-01-31T12:00:00Z`) or `@` and seconds since 1970, in the years ROOT can store. */
export function parseTimestamp(text: string): Date {
  const date = /^@\d+$/.test(text) ? new Date(Number(text.slice(1)) * 1000) : new Date(isoDate(text));
  const year = date.getUTCFullYear();
  if (Number.isNaN(year)) throw new UsageError(`not a date '${text}': use an ISO date (2026-01-31T12:00:00Z) or @SECONDS since 1970`);
  if (year < FIRST_YEAR || year > LAST_YEAR) throw new UsageError(`ROOT stores dates of ${FIRST_YEAR} to ${LAST_YEAR} only, not '${text}'`);
  return date;
}

/** Only ISO forms: what else Date accepts depends on the machine. */
function isoDate(text: string): string {
  return /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text) ? text : '';
}

/** A path or pattern that must not be empty. */
export function parseText(text: string): string {
  if (text === '') throw new UsageError('the value is empty');
  return text;
}
