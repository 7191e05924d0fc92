/** What a TParameter must hold that was merged, by the way its bits name. Rules: ROOT core/cont/inc/TParameter.h. */
import { fieldOf, numberOf, readValue } from '../../io/root/streamer/member.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';
import { TypeCode } from '../../io/root/streamer/type-codes.ts';
import { TOBJECT_PARTS, compareNodes } from '../object/compare-graphs.ts';
import type { DifferenceList } from '../object/difference.ts';
import { isClose } from '../object/tolerance.ts';

/** TParameter::fBits: how values merge, and whether all were equal. */
const [MULTIPLY, MAXIMUM, MINIMUM, FIRST, LAST, IS_CONST] = [1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21];
const MERGED: ReadonlySet<string> = new Set(['fVal', ...TOBJECT_PARTS]);
const LONGS: ReadonlySet<number> = new Set([TypeCode.long, TypeCode.long64, TypeCode.ulong, TypeCode.ulong64]);
/** How far sums and products of reals may be apart, which depend on the order of the inputs. */
const ROUNDING = { rel: 1e-6 };

/** True for the classes `compareParameter` knows. */
export function isParameter(className: string): boolean {
  return className.startsWith('TParameter<');
}

/** Holds a parameter against those it was made of, `first` among them. */
export function compareParameter(out: ObjectNode, inputs: readonly ObjectNode[], first: ObjectNode, found: DifferenceList): void {
  compareNodes(out, first, '', { tolerance: {}, skip: MERGED }, found);
  const values = inputs.map(parameterOf);
  const mode = numberOf(first, 'fBits');
  const merged = mergedValue(mode, values);
  const expected = out.className === 'TParameter<float>' ? Math.fround(Number(merged)) : merged;
  const own = parameterOf(out);
  const isRight = out.className === 'TParameter<bool>' ? own === mergedBoolean(mode, values) : isNearValue(own, expected);
  if (!isRight) found.add('fVal', own, expected);
  const isConst = (numberOf(out, 'fBits') & IS_CONST) !== 0;
  if (isConst && values.some((value) => value !== values[0])) found.add('fBits', 'all values equal', 'different values');
}

function isNearValue(own: number | bigint, expected: number | bigint): boolean {
  return own === expected || isClose(Number(own), Number(expected), 0, typeof own === 'bigint' ? {} : ROUNDING);
}

function parameterOf(node: ObjectNode): number | bigint {
  const field = fieldOf(node, 'fVal');
  if (field === null) return Number.NaN;
  const { run, offset, type, width } = field;
  return LONGS.has(type) ? run.source.view.getBigInt64(run.start + offset) : readValue(run.source.view, run.start + offset, type, width);
}

function mergedValue(mode: number, values: readonly (number | bigint)[]): number | bigint {
  const [first = 0, ...others] = values;
  if ((mode & MULTIPLY) !== 0) {
    return others.reduce((a, b) => (typeof a === 'bigint' && typeof b === 'bigint' ? a * b : Number(a) * Number(b)), first);
  }
  if ((mode & MAXIMUM) !== 0) return others.reduce((a, b) => (b > a ? b : a), first);
  if ((mode & MINIMUM) !== 0) return others.reduce((a, b) => (b < a ? b : a), first);
  if ((mode & LAST) !== 0) return values.at(-1) ?? first;
  if ((mode & FIRST) !== 0) return first;
  return others.reduce((a, b) => (typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b)), first);
}

function mergedBoolean(mode: number, values: readonly (number | bigint)[]): number {
  if ((mode & (MULTIPLY | MINIMUM)) !== 0) return Number(values.every((value) => value !== 0));
  if ((mode & LAST) !== 0) return Number(values.at(-1));
  if ((mode & FIRST) !== 0 && (mode & MAXIMUM) === 0) return Number(values[0]);
  return Number(values.some((value) => value !== 0));
}
