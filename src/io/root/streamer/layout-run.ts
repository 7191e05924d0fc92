/** The machine that runs layout programs (layout.ts): one pass over an object's bytes, no allocation. */
import { IS_REFERENCED, countedBytes, isByteCount } from './type-codes.ts';

/** Instructions of a layout program; operands follow as words. */
export const Op = {
  end: 0,
  /** version, depth: a frame whose members follow. */
  enter: 1,
  /** depth: the frame must end here. */
  leave: 2,
  /** n: passes n frames by their byte counts. */
  skipFrames: 3,
  /** span, offset, count: members of fixed width at an offset from here. */
  span: 4,
  /** register, offset: remembers an int. */
  counter: 5,
  /** n: passes n bytes. */
  skip: 6,
  tstring: 7,
  tobject: 8,
  /** span or -1, width: i32 count and values. */
  tarray: 9,
  /** n: passes n pointer slots. */
  pointers: 10,
  /** span or -1, register, factor, width: flag byte and values. */
  array: 11,
} as const;

/** Deepest nesting of frames in a program. */
export const MAX_FRAMES = 16;

const ends = new Int32Array(MAX_FRAMES);
const registers = new Int32Array(256);

/** Runs a program over the object in [start, end); see ObjectLayout.scan. Damaged counts may lead out of `view`: no layout then. */
export function runLayout(code: Int32Array, view: DataView, start: number, end: number, out: Int32Array): boolean {
  try {
    return run(code, view, start, end, out);
  } catch (err) {
    if (err instanceof RangeError) return false;
    throw err;
  }
}

function run(code: Int32Array, view: DataView, start: number, end: number, out: Int32Array): boolean {
  let pos = start;
  let pc = 0;
  for (;;) {
    const op = code[pc] as number;
    if (op === Op.end) return pos === end;
    if (pos > end) return false;
    switch (op) {
      case Op.enter: {
        const count = view.getUint32(pos);
        if (!isByteCount(count) || view.getInt16(pos + 4) !== code[pc + 1]) return false;
        ends[code[pc + 2] as number] = pos + 4 + countedBytes(count);
        pos += 6;
        pc += 3;
        break;
      }
      case Op.leave:
        if (pos !== ends[code[pc + 1] as number]) return false;
        pc += 2;
        break;
      case Op.skipFrames:
        for (let n = code[pc + 1] as number; n > 0; n--) {
          const count = view.getUint32(pos);
          if (!isByteCount(count)) return false;
          pos += 4 + countedBytes(count);
          if (pos > end) return false;
        }
        pc += 2;
        break;
      case Op.span: {
        const span = (code[pc + 1] as number) * 2;
        out[span] = pos + (code[pc + 2] as number);
        out[span + 1] = code[pc + 3] as number;
        pc += 4;
        break;
      }
      case Op.counter:
        if (pos + (code[pc + 2] as number) + 4 > end) return false;
        registers[code[pc + 1] as number] = view.getInt32(pos + (code[pc + 2] as number));
        pc += 3;
        break;
      case Op.skip:
        pos += code[pc + 1] as number;
        pc += 2;
        break;
      default:
        pos = variable(code, pc, view, pos, end, out);
        if (pos < 0) return false;
        pc += variableWords(op);
    }
  }
}

/** Words of an instruction for a part of variable length: it and its operands. */
function variableWords(op: number): number {
  if (op === Op.array) return 5;
  if (op === Op.tarray) return 3;
  return op === Op.pointers ? 2 : 1;
}

/** Parts of variable length; returns the position behind them, or -1. */
function variable(code: Int32Array, pc: number, view: DataView, pos: number, end: number, out: Int32Array): number {
  switch (code[pc]) {
    case Op.tstring: {
      const length = view.getUint8(pos);
      const next = length === 255 ? pos + 5 + view.getInt32(pos + 1) : pos + 1 + length;
      return next > pos ? next : -1;
    }
    case Op.tobject:
      // A version word with bit 0x4000 has a byte count around it: left to the general walker.
      if (view.getUint16(pos) !== 1) return -1;
      return pos + ((view.getUint32(pos + 6) & IS_REFERENCED) === 0 ? 10 : 12);
    case Op.tarray: {
      const n = view.getInt32(pos);
      return n < 0 ? -1 : values(code[pc + 1] as number, pos + 4, n, code[pc + 2] as number, end, out);
    }
    case Op.array: {
      const n = view.getUint8(pos) === 0 ? 0 : (registers[code[pc + 2] as number] as number) * (code[pc + 3] as number);
      return n < 0 ? -1 : values(code[pc + 1] as number, pos + 1, n, code[pc + 4] as number, end, out);
    }
    case Op.pointers:
      return pointers(code[pc + 1] as number, view, pos, end);
    default:
      return -1;
  }
}

function values(span: number, at: number, n: number, width: number, end: number, out: Int32Array): number {
  const next = at + n * width;
  if (next > end) return -1;
  if (span >= 0) {
    out[span * 2] = at;
    out[span * 2 + 1] = n;
  }
  return next;
}

function pointers(n: number, view: DataView, start: number, end: number): number {
  let pos = start;
  for (let i = 0; i < n; i++) {
    if (pos + 4 > end) return -1;
    const word = view.getUint32(pos);
    pos += isByteCount(word) ? 4 + countedBytes(word) : 4;
  }
  return pos;
}
