/** Sums that are kept in native numbers while one object after the other is added, and put into their graph at the end. */
import { withContext, type ErrorContext } from '../../errors.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';

/** The sum of objects of one class. */
export interface RunningSum {
  /** Adds an object whose axes are equal; returns how many bin additions are not exact. UnsupportedError when a part is not understood. */
  add(next: ObjectNode): number;
  /** True when no bin has contents yet. */
  isEmpty(): boolean;
  /** Puts the sum into the graph of the first object. */
  store(): void;
}

/** The sums of a target: of the object of its key, or of elements of its lists. */
export class RunningSums {
  /** Where the objects that sums begin with come from, for errors. */
  origin: ErrorContext = {};
  readonly #sums = new Map<ObjectNode, RunningSum>();

  /** The sum in the graph of `first`, which `begin` begins with what `first` holds. */
  of(first: ObjectNode, begin: (first: ObjectNode) => RunningSum): RunningSum {
    const known = this.#sums.get(first);
    if (known !== undefined) return known;
    const sum = withContext(this.origin, () => begin(first));
    this.#sums.set(first, sum);
    return sum;
  }

  /** Puts all sums into their graphs. */
  store(): void {
    for (const sum of this.#sums.values()) sum.store();
  }
}
