/** How one histogram is added to another: what the family of histograms tells those whose objects have histograms inside. */
import type { SpanGraph } from '../io/root/streamer/span-graph.ts';

/** Why two objects do not add. */
export interface Misfit {
  /** Stable code of a conflict. */
  code: string;
  /** What does not fit. */
  reason: string;
}

/** Sums of two. */
export interface HistogramRules {
  /**
   * Adds `next` to `sum`, in whose graph the result is, unless there are misfits; `inexact`: bin additions that are not exact.
   * UnsupportedError when a part is not understood.
   */
  add: (sum: SpanGraph, next: SpanGraph) => { misfits: readonly Misfit[]; inexact: number };
}
