/**
 * TParameter<T>: two values become one by the mode in the first one's bits.
 * Source: ROOT core/cont/inc/TParameter.h, Merge.
 */
import { UnsupportedError } from '../../errors.ts';
import { fieldOf, numberOf, readValue, setNumber } from '../../io/root/streamer/member.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';
import { TypeCode, isReal, isUnsigned } from '../../io/root/streamer/type-codes.ts';

/** Bits of TParameter::fBits that say how values merge, and that all were equal (kIsConst). */
const MULTIPLY = 1 << 16;
const MAXIMUM = 1 << 17;
const MINIMUM = 1 << 18;
const FIRST = 1 << 19;
const LAST = 1 << 20;
const IS_CONST = 1 << 21;

const LONGS: ReadonlySet<number> = new Set([TypeCode.long, TypeCode.long64]);
const UNSIGNED_LONGS: ReadonlySet<number> = new Set([TypeCode.ulong, TypeCode.ulong64]);

/** Merges the value of `next` into `sum`. UnsupportedError when the result does not fit the type, where ROOT wraps. */
export function addParameter(sum: ObjectNode, next: ObjectNode): void {
  const bits = numberOf(sum, 'fBits');
  const [a, b] = [valueOf(sum), valueOf(next)];
  if (a !== b) setNumber(sum, 'fBits', (bits & ~IS_CONST) >>> 0);
  const isBoolean = sum.className === 'TParameter<bool>';
  setValue(sum, isBoolean ? booleanResult(bits, a, b) : result(bits, a, b));
}

/** 64-bit integers keep all digits. */
type Value = number | bigint;

function valueOf(node: ObjectNode): Value {
  const field = fieldOf(node, 'fVal');
  if (field === null) throw new UnsupportedError(`${node.className} has no value that is a number`);
  const { run, offset, type, width } = field;
  const bytes = run.replacement ?? run.source.bytes;
  const at = offset + (run.replacement === null ? run.start : 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (LONGS.has(type)) return view.getBigInt64(at);
  if (UNSIGNED_LONGS.has(type)) return view.getBigUint64(at);
  return readValue(view, at, type, width);
}

function setValue(node: ObjectNode, value: Value): void {
  const field = fieldOf(node, 'fVal');
  if (field === null) return;
  if (typeof value === 'number') {
    const [bits, isWhole] = [8 * field.width, !isReal(field.type)];
    const [low, high] = isUnsigned(field.type) ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
    if (isWhole && (value < low || value > high)) throw new UnsupportedError(`value ${value} does not fit a ${node.className}`);
    return setNumber(node, 'fVal', value);
  }
  const stored = LONGS.has(field.type) ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  if (stored !== value) throw new UnsupportedError(`value ${value} does not fit a ${node.className}`);
  field.run.replacement ??= field.run.source.bytes.slice(field.run.start, field.run.end);
  const { buffer, byteOffset } = field.run.replacement;
  new DataView(buffer, byteOffset).setBigInt64(field.offset, BigInt.asIntN(64, value));
}

function result(bits: number, a: Value, b: Value): Value {
  const areLong = typeof a === 'bigint' && typeof b === 'bigint';
  if ((bits & MULTIPLY) !== 0) return areLong ? a * b : Number(a) * Number(b);
  if ((bits & MAXIMUM) !== 0) return b > a ? b : a;
  if ((bits & MINIMUM) !== 0) return b < a ? b : a;
  if ((bits & LAST) !== 0) return b;
  if ((bits & FIRST) !== 0) return a;
  return areLong ? a + b : Number(a) + Number(b);
}

/** Booleans: multiplying and the minimum are "and", adding and the maximum are "or". */
function booleanResult(bits: number, a: Value, b: Value): Value {
  const both = Number(a !== 0 && b !== 0);
  const any = Number(a !== 0 || b !== 0);
  if ((bits & (MULTIPLY | MINIMUM)) !== 0) return both;
  if ((bits & LAST) !== 0) return b;
  return (bits & FIRST) === 0 || (bits & MAXIMUM) !== 0 ? any : a;
}
