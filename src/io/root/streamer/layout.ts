/**
 * Layout programs: where wanted members of an object stand, without making nodes. For masses of small objects the walk over
 * the streamer infos is compiled once per class and version into a short program; running it costs about a microsecond and allocates
 * nothing. What a program does not expect (another version, no byte count) makes it answer false; the general walker
 * then says what the object is, or what is wrong with it.
 */
import type { Step } from './class-plan.ts';
import type { InfoSet } from './info-set.ts';
import { MAX_FRAMES, Op, runLayout } from './layout-run.ts';
import { TypeCode, basicSize, isByteCount } from './type-codes.ts';
import { valueTypeOf } from './value-type.ts';
import { BARE_WALKERS } from './walk-bare.ts';
import { FRAME_WALKERS } from './walk-by-hand.ts';

/** One span of a layout: a wanted member, or several of one type that stand side by side. */
export interface LayoutSpan {
  /** Paths of the members, as they were asked for. */
  members: string[];
  /** Type code of the values (type-codes.ts). */
  type: number;
  /** Bytes of one value. */
  width: number;
}

/** A compiled layout. */
export interface ObjectLayout {
  className: string;
  version: number;
  /** Spans in stream order; `scan` fills two numbers for each. */
  spans: readonly LayoutSpan[];
  /**
   * Finds the spans of the object in [start, end) of `view`: `out[2k]` becomes the position of span k in `view`, `out[2k + 1]` its
   * number of values (0 for an array that was not written). True if the object has exactly this layout and ends at `end`.
   */
  scan(view: DataView, start: number, end: number, out: Int32Array): boolean;
}

const ARRAY_TYPES: ReadonlyMap<string, number> = new Map<string, number>([
  ['TArrayC', TypeCode.char],
  ['TArrayS', TypeCode.short],
  ['TArrayI', TypeCode.int],
  ['TArrayL', TypeCode.long],
  ['TArrayL64', TypeCode.long64],
  ['TArrayF', TypeCode.float],
  ['TArrayD', TypeCode.double],
]);

/** The version word of the framed object at `start`; -1 if there is no byte count or no room for one. */
export function frameVersion(view: DataView, start: number, end: number): number {
  if (start + 6 > end || !isByteCount(view.getUint32(start))) return -1;
  return view.getInt16(start + 4);
}

/**
 * Compiles the layout of a class version. Null if a program cannot describe it: then every object takes the general walker.
 * @param wanted member paths: `fEntries`, `fSumw2` (a TArray: its values), `fArray` (values of a TArray base class),
 *   `fXaxis.fXmin`, `fBuffer` (a counted array). Members the class lacks are left out of `spans`.
 */
export function compileLayout(infos: InfoSet, className: string, version: number, wanted: readonly string[]): ObjectLayout | null {
  const compiler = new Compiler(infos, new Set(wanted));
  compiler.collectCounters(className, version);
  if (!compiler.frame(className, version, '')) return null;
  const code = compiler.finish();
  const { spans } = compiler;
  return { className, version, spans, scan: (view, start, end, out) => runLayout(code, view, start, end, out) };
}

class Compiler {
  readonly spans: LayoutSpan[] = [];
  readonly #infos: InfoSet;
  readonly #wanted: ReadonlySet<string>;
  readonly #code: number[] = [];
  /** First names of the wanted paths. */
  readonly #asked: ReadonlySet<string>;
  /** Names of members that count arrays. */
  readonly #counters = new Set<string>();
  /** Counter registers by member path, across base classes. */
  readonly #registers = new Map<string, number>();
  #depth = 0;

  constructor(infos: InfoSet, wanted: ReadonlySet<string>) {
    this.#infos = infos;
    this.#wanted = wanted;
    this.#asked = new Set([...wanted].map((path) => path.split('.')[0] ?? ''));
  }

  finish(): Int32Array {
    this.#code.push(Op.end);
    return Int32Array.from(this.#code);
  }

  /** A framed object whose members are looked at one by one. */
  frame(className: string, version: number, prefix: string): boolean {
    const byHand = FRAME_WALKERS.get(className);
    if (BARE_WALKERS.has(className) || (byHand !== undefined && version <= byHand.upTo)) return false;
    const plan = version < 0 ? null : this.#infos.plan(className, version);
    if (plan === null || this.#depth === MAX_FRAMES) return false;
    const depth = this.#depth++;
    this.#code.push(Op.enter, version, depth);
    if (!plan.steps.every((step) => this.#step(step, prefix))) return false;
    this.#code.push(Op.leave, depth);
    this.#depth--;
    return true;
  }

  #step(step: Step, prefix: string): boolean {
    switch (step.kind) {
      case 'run':
        return this.#run(step, prefix);
      case 'tstring':
        return this.#emit(Op.tstring);
      case 'base':
        return this.#base(step, prefix);
      case 'class':
        return this.#object(step, `${prefix}${step.name}`);
      case 'pointer':
        return this.#emit(Op.pointers, step.count);
      case 'array':
        return this.#array(step, prefix);
      case 'stl':
      case 'loop':
      case 'framed-array':
      case 'custom':
        return this.#emit(Op.skipFrames, 1);
      default:
        return false;
    }
  }

  #emit(...words: number[]): boolean {
    this.#code.push(...words);
    return true;
  }

  #run(step: Step, prefix: string): boolean {
    let at = -1;
    let next = -1;
    for (const field of step.fields) {
      if (!this.#wanted.has(prefix + field.name)) continue;
      const last = this.spans.at(-1);
      if (field.offset === next && last?.type === field.type && last.width === field.width) {
        last.members.push(prefix + field.name);
        this.#code[at] = (this.#code[at] ?? 0) + field.count;
      } else {
        this.#emit(Op.span, this.#newSpan(prefix + field.name, field.type, field.width), field.offset, field.count);
        at = this.#code.length - 1;
      }
      next = field.offset + field.count * field.width;
    }
    for (const field of step.fields) {
      if (field.width === 4 && this.#counters.has(field.name)) this.#emit(Op.counter, this.#register(prefix + field.name), field.offset);
    }
    return this.#emit(Op.skip, step.size);
  }

  /** A base class is looked into for wanted members; only a TArray is skipped or taken as a whole. */
  #base(step: Step, prefix: string): boolean {
    if (this.#bare(step, `${prefix}fArray`)) return true;
    if (!this.#mayHoldWanted(step)) return this.#emit(Op.skipFrames, 1);
    return this.frame(step.className, this.#versionOf(step), prefix);
  }

  /** An object by value: skipped by its byte count, unless a member inside is wanted. */
  #object(step: Step, path: string): boolean {
    for (let i = 0; i < step.count; i++) {
      if (!this.#bare(step, path) && !this.#member(step, path)) return false;
    }
    return true;
  }

  #member(step: Step, path: string): boolean {
    const inside = [...this.#wanted].some((name) => name.startsWith(`${path}.`));
    if (!inside) return !isBareCollection(step.className) && this.#emit(Op.skipFrames, 1);
    return step.count === 1 && this.frame(step.className, this.#versionOf(step), `${path}.`);
  }

  /** Classes without frame; true if the step was one that a program can pass. */
  #bare(step: Step, path: string): boolean {
    const type = ARRAY_TYPES.get(step.className);
    if (type !== undefined) {
      const span = this.#wanted.has(path) ? this.#newSpan(path, type, basicSize(type)) : -1;
      return this.#emit(Op.tarray, span, basicSize(type));
    }
    if (step.className === 'TObject') return this.#emit(Op.tobject);
    if (step.className === 'TDatime') return this.#emit(Op.skip, 4);
    return step.className === 'TQObject';
  }

  #array(step: Step, prefix: string): boolean {
    const register = this.#registers.get(prefix + step.countName);
    if (register === undefined) return false;
    const path = prefix + step.name;
    const span = this.#wanted.has(path) ? this.#newSpan(path, step.type, step.width) : -1;
    return this.#emit(Op.array, span, register, step.count, step.width);
  }

  /** Version of a class part: elements of old files do not say it; then the file's own first info is tried. */
  #versionOf(step: Step): number {
    return step.baseVersion > 0 ? step.baseVersion : (this.#infos.all(step.className).at(0)?.classVersion ?? 0);
  }

  /** True if a base class, or one of its own, has a wanted member or a counter. */
  #mayHoldWanted(step: Step): boolean {
    if (ARRAY_TYPES.has(step.className)) return true;
    const plan = this.#infos.plan(step.className, this.#versionOf(step));
    if (plan === null) return false;
    return plan.steps.some(
      (inner) => inner.kind === 'array' || this.#isWanted(inner) || (inner.kind === 'base' && this.#mayHoldWanted(inner)),
    );
  }

  #isWanted(step: Step): boolean {
    return this.#asked.has(step.name) || step.fields.some((field) => this.#asked.has(field.name) || this.#counters.has(field.name));
  }

  #newSpan(name: string, type: number, width: number): number {
    return this.spans.push({ members: [name], type, width }) - 1;
  }

  #register(name: string): number {
    const register = this.#registers.size;
    this.#registers.set(name, register);
    return register;
  }

  /** The members that count arrays, of a class and its bases. */
  collectCounters(className: string, version: number): void {
    const plan = version < 0 ? null : this.#infos.plan(className, version);
    for (const step of plan?.steps ?? []) {
      if (step.kind === 'array') this.#counters.add(step.countName);
      else if (step.kind === 'base') this.collectCounters(step.className, this.#versionOf(step));
    }
  }
}

function isBareCollection(className: string): boolean {
  const { kind } = valueTypeOf(className);
  return kind !== 'class' || BARE_WALKERS.has(className);
}
