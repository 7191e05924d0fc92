/** Scales: values to positions in a drawing, with ticks at round values. */
import { numberText } from './markup.ts';

/** A mark on an axis. */
export interface Tick {
  value: number;
  label: string;
}

/** One direction of a panel. */
export interface Scale {
  /** Position of a value in whole units; values beyond the ends are put at the ends. */
  at: (value: number) => number;
  ticks: readonly Tick[];
}

/** The interval of values and the positions of its ends. */
export interface Span {
  low: number;
  high: number;
  /** Positions of `low` and `high`, in units of the drawing. */
  from: number;
  to: number;
}

/** Ticks of decades are thinned out to about this many. */
const MAX_DECADES = 6;

/** A scale in proportion. `tickCount`: about how many ticks. */
export function linearScale({ low, high, from, to }: Span, tickCount: number): Scale {
  const perValue = (to - from) / (high - low);
  return { at: (value) => Math.round(from + (clamped(value, low, high) - low) * perValue), ticks: linearTicks(low, high, tickCount) };
}

/** A logarithmic scale; `low` is above 0, and values below it are put there. */
export function logScale({ low, high, from, to }: Span): Scale {
  const [first, last] = [Math.log10(low), Math.log10(high)];
  const perDecade = (to - from) / (last - first);
  const every = Math.max(1, Math.ceil((last - first) / MAX_DECADES));
  const decades = Array.from({ length: Math.floor(last) - Math.ceil(first) + 1 }, (_, i) => Math.ceil(first) + i).filter(
    (exponent) => exponent % every === 0,
  );
  const ticks = decades.map((exponent) => 10 ** exponent).map((value) => ({ value, label: numberText(value) }));
  return { at: (value) => Math.round(from + (Math.log10(clamped(value, low, high)) - first) * perDecade), ticks };
}

function clamped(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Below how many powers of ten a step is rounded to which number of them; beyond, to 10. */
const ROUND_STEPS = [
  [1.5, 1],
  [3.5, 2],
  [7.5, 5],
] as const;

/** A step of 1, 2 or 5 times a power of ten that divides `range` into about `count` parts. */
export function roundStep(range: number, count: number): number {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const [, step = 10] = ROUND_STEPS.find(([below]) => rough / power < below) ?? [];
  return power * step;
}

function linearTicks(low: number, high: number, count: number): Tick[] {
  const step = roundStep(high - low, count);
  if (!(step > 0)) return [];
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  // Digits that tell neighbours apart.
  const digits = 1 + Math.max(0, Math.floor(Math.log10(Math.max(Math.abs(first), Math.abs(last), 1))));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step).map((value) => ({
    value,
    label: numberText(value, digits + 1),
  }));
}
