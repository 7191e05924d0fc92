/** What histograms of one name must agree in to be summed, and everything in which they do not. */
import { axisDifference, hasLimits, labelDifference, AXIS_NAMES, type Axis } from '../bins/axis.ts';
import { extentsOf, wouldGrow, type Extent } from './fill.ts';
import { allAxesHaveLimits, hasContents, isEmptyHistogram, type Histogram } from './histogram.ts';

/** Most fills that may wait in a joined buffer: some tens of megabytes. ROOT's own buffers hold 1000. */
const MOST_WAITING_FILLS = 1 << 20;

/** One reason why a contribution cannot be added. */
export interface Disagreement {
  /** Index of the contribution. */
  contribution: number;
  /** Stable code: `axes-differ`, `axes-automatic`, `bins-averaged`. */
  code: string;
  reason: string;
}

/** Where the labels of a sum come from. */
interface Labelled {
  contribution: number;
  axes: readonly Axis[];
}

function binCountDifference(first: Axis, axis: Axis): string | undefined {
  return first.nbins === axis.nbins ? undefined : `${axis.nbins} bins instead of ${first.nbins}`;
}

/** Compares contributions, first to last, keeping little of each. */
export class Comparison {
  /** The first contribution whose axes have limits: all others must have its axes. */
  reference: Histogram | undefined;
  /**
   * The first contribution that has limits and is not empty: its labels are those of the sum, since ROOT gives labels
   * as bins are filled.
   */
  labelled: Labelled | undefined;
  readonly #found: Disagreement[] = [];
  #count = 0;
  /** Per axis the first with limits, and the first without. */
  readonly #limited: (Axis | undefined)[] = [];
  readonly #unlimited: (Axis | undefined)[] = [];
  /** Contributions without limits, with what their fills cover. */
  readonly #automatic: { contribution: number; fills: number; extents: readonly Extent[]; hasBins: boolean }[] = [];

  add(h: Histogram): void {
    const contribution = this.#count++;
    if (h.isAverage) {
      this.#found.push({ contribution, code: 'bins-averaged', reason: 'bins are averages (kIsAverage), which do not add' });
    }
    h.axes.forEach((axis, k) => this.#compareAxis(contribution, axis, k));
    const extents = extentsOf(h.pending, h.axes.length);
    if (!allAxesHaveLimits(h)) {
      this.#automatic.push({ contribution, fills: h.pending.count, extents, hasBins: hasContents(h) });
      return;
    }
    this.#compareLabels(contribution, h, isEmptyHistogram(h));
    if (wouldGrow(h.axes, extents)) {
      this.#found.push({ contribution, code: 'axes-automatic', reason: 'fills in its buffer would extend an axis' });
    }
  }

  /** Numbers of bins may differ between axes with and without limits: ROOT may choose another one with the limits. */
  #compareAxis(contribution: number, axis: Axis, k: number): void {
    const known = hasLimits(axis) ? this.#limited : this.#unlimited;
    const first = (known[k] ??= axis);
    if (first === axis) return;
    this.#differs(contribution, k, hasLimits(axis) ? axisDifference(first, axis) : binCountDifference(first, axis));
  }

  #compareLabels(contribution: number, h: Histogram, isEmpty: boolean): void {
    if (this.reference === undefined) this.reference = h;
    if (isEmpty) return;
    if (this.labelled === undefined) {
      this.labelled = { contribution, axes: h.axes };
      // An empty one before it may lack labels, but its own would name bins that have none here.
      const { axes } = this.reference;
      h.axes.forEach((axis, k) =>
        this.#differs(contribution, k, axis.labels === undefined ? labelDifference(axes[k] as Axis, axis) : undefined),
      );
    } else {
      const { axes } = this.labelled;
      h.axes.forEach((axis, k) => this.#differs(contribution, k, labelDifference(axes[k] as Axis, axis)));
    }
  }

  #differs(contribution: number, k: number, difference: string | undefined): void {
    const name = (AXIS_NAMES[k] as string)[1]?.toLowerCase();
    if (difference !== undefined) this.#found.push({ contribution, code: 'axes-differ', reason: `${name} axis: ${difference}` });
  }

  /** All disagreements, once every contribution was added. */
  finish(): readonly Disagreement[] {
    for (const { contribution, hasBins } of this.#automatic) {
      if (hasBins) this.#automaticConflict(contribution, 'has contents but an axis without limits');
    }
    if (this.reference === undefined) this.#checkBuffers();
    else this.#checkGrowth(this.reference);
    return this.#found;
  }

  /** Without limits anywhere all fills go on waiting. */
  #checkBuffers(): void {
    const fills = this.#automatic.reduce((sum, a) => sum + a.fills, 0);
    if (fills > MOST_WAITING_FILLS) {
      this.#automaticConflict(
        0,
        `axis limits are still to be chosen, and ${fills} fills are more than can wait for them (${MOST_WAITING_FILLS})`,
      );
    }
  }

  #checkGrowth({ axes }: Histogram): void {
    for (const { contribution, extents } of this.#automatic) {
      if (wouldGrow(axes, extents)) this.#automaticConflict(contribution, 'fills without axis limits would extend an axis');
    }
  }

  #automaticConflict(contribution: number, reason: string): void {
    this.#found.push({ contribution, code: 'axes-automatic', reason });
  }
}
