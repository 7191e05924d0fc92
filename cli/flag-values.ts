/** Values of flags: text of the command line to what the public functions take. Each throws UsageError with the mend. */
import { UsageError, compressionSettingOf, type CompressionPolicy } from '../src/index.ts';

/** Years a ROOT date can hold: 6 bits from 1995. */
const FIRST_YEAR = 1995;
const LAST_YEAR = 2058;

/** `keep`, `first`, or a setting: `none`, `ALG[:LEVEL]`, ROOT's number. */
export function parseCompression(text: string): CompressionPolicy {
  return text === 'keep' || text === 'first' ? text : compressionSettingOf(text);
}

/** Returns a parser of one of a few words; `what` they are, for the message. */
export function oneOf<T extends string>(what: string, ...words: readonly T[]): (text: string) => T {
  const listed = `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new UsageError(`unknown ${what} '${text}': use ${listed}`);
    return found;
  };
}

/** Returns a parser of whole numbers from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new UsageError(`not a whole number${least === Number.MIN_SAFE_INTEGER ? '' : ` of at least ${least}`}: '${text}'`);
    }
    return value;
  };
}

/** An ISO date (`2026-01-31T12:00:00Z`) or `@` and seconds since 1970, in the years ROOT can store. */
export function parseTimestamp(text: string): Date {
  const date = /^@\d+$/.test(text) ? new Date(Number(text.slice(1)) * 1000) : new Date(isoDate(text));
  const year = isCalendarDay(text) ? date.getUTCFullYear() : NaN;
  if (Number.isNaN(year)) throw new UsageError(`not a date '${text}': use an ISO date (2026-01-31T12:00:00Z) or @SECONDS since 1970`);
  if (year < FIRST_YEAR || year > LAST_YEAR) throw new UsageError(`ROOT stores dates of ${FIRST_YEAR} to ${LAST_YEAR} only, not '${text}'`);
  return date;
}

/** False for a 30th of February, which Date takes for the 1st or 2nd of March. */
function isCalendarDay(text: string): boolean {
  const day = text.slice(0, 10);
  const date = new Date(`${day}T00:00:00Z`);
  return !/^\d{4}-/.test(day) || (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(day));
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

/** A file to write; `-` is refused: it is standard output elsewhere, and an output must be a file. */
export function parseOutput(text: string): string {
  if (text === '-') throw new UsageError('an output cannot be standard output: name a file (one of that name is ./-)');
  return parseText(text);
}

/** Those of the named flags that were given, as options: an option that is undefined is none. */
export function givenFlags<T extends object, K extends keyof T & string>(flags: T, ...names: K[]): { [P in K]?: Exclude<T[P], undefined> } {
  const given: { [P in K]?: Exclude<T[P], undefined> } = {};
  for (const name of names) {
    const value = flags[name];
    if (value !== undefined) given[name] = value as Exclude<T[K], undefined>;
  }
  return given;
}
