/** What histograms of one name must agree in to be summed, and everything in which they do not. */
import { axisDifference, labelDifference, AXIS_NAMES, type Axis } from '../bins/axis.ts';
import { wouldGrow } from './fill.ts';
import { allAxesHaveLimits, isEmptyHistogram, type Histogram } from './histogram.ts';

/** One reason why a contribution cannot be added. */
export interface Disagreement {
  /** Index of the contribution. */
  contribution: number;
  /** Stable code: `axes-differ`, `axes-automatic`, `bins-averaged`. */
  code: string;
  reason: string;
}

/** Compares contributions, first to last, keeping little of each. */
export class Comparison {
  /** The first contribution whose axes have limits: all others must have its axes. */
  reference: Histogram | undefined;
  readonly #found: Disagreement[] = [];
  #count = 0;
  /** Contributions without limits: fills in their buffers, and doubles per fill. */
  readonly #automatic: { contribution: number; fills: number; stride: number; hasBins: boolean }[] = [];
  #firstBufferLength = 0;

  add(h: Histogram): void {
    const contribution = this.#count++;
    if (contribution === 0) this.#firstBufferLength = h.bufferLength;
    if (h.isAverage) {
      this.#found.push({ contribution, code: 'bins-averaged', reason: 'bins are averages (kIsAverage), which do not add' });
    }
    if (!allAxesHaveLimits(h)) {
      const { count: fills, stride } = h.pending;
      this.#automatic.push({ contribution, fills, stride, hasBins: h.entries !== 0 });
      return;
    }
    if (this.reference === undefined) this.reference = h;
    else this.#compare(contribution, this.reference, h);
    if (wouldGrow(h.axes, h.pending)) {
      this.#found.push({ contribution, code: 'axes-automatic', reason: 'fills in its buffer would extend an axis' });
    }
  }

  #compare(contribution: number, reference: Histogram, h: Histogram): void {
    const empty = isEmptyHistogram(h);
    h.axes.forEach((axis, k) => {
      const other = reference.axes[k] as Axis;
      const difference = axisDifference(other, axis) ?? (empty ? undefined : labelDifference(other, axis));
      const name = (AXIS_NAMES[k] as string)[1]?.toLowerCase();
      if (difference !== undefined) this.#found.push({ contribution, code: 'axes-differ', reason: `${name} axis: ${difference}` });
    });
  }

  /** All disagreements, once every contribution was added. */
  finish(): readonly Disagreement[] {
    if (this.reference === undefined) this.#checkBuffers();
    else this.#checkGrowth(this.reference);
    return this.#found;
  }

  /** Without limits anywhere the fills must fit the first buffer: ROOT chooses limits when it is full. */
  #checkBuffers(): void {
    const fills = this.#automatic.reduce((sum, a) => sum + a.fills, 0);
    const room = this.#automatic.length === 0 ? 0 : this.#firstBufferLength / (this.#automatic[0]?.stride as number);
    for (const { contribution, hasBins } of this.#automatic) {
      if (hasBins) this.#automaticConflict(contribution, 'has contents but an axis without limits');
    }
    if (fills > 0 && fills >= room) {
      this.#automaticConflict(0, `axis limits are still to be chosen, and ${fills} fills do not fit the buffer of the first`);
    }
  }

  #checkGrowth(reference: Histogram): void {
    for (const { contribution, hasBins } of this.#automatic) {
      if (hasBins) this.#automaticConflict(contribution, 'has contents but an axis without limits');
    }
    if (this.#automatic.some((a) => a.fills > 0) && reference.axes.some((axis) => axis.canExtend)) {
      this.#automaticConflict(0, 'fills without axis limits would extend an axis');
    }
  }

  #automaticConflict(contribution: number, reason: string): void {
    this.#found.push({ contribution, code: 'axes-automatic', reason });
  }
}
