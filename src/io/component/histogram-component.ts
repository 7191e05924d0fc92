/** Histograms of a job in one file (Gaudi: the histogram service). */
import type { Histogram, HistogramSpec } from '../root/histogram/histogram.ts';
import type { RootObject } from '../root/streamer/root-object.ts';
import { RootOutputComponent } from './root-output-component.ts';

/** Books and fills histograms; they stay valid when the file moves to a worker's directory. */
export class HistogramComponent extends RootOutputComponent {
  /** Books a histogram in a directory of the file. */
  book(directory: string, spec: HistogramSpec): Histogram {
    return this.output.bookHistogram(directory, spec);
  }

  /** Adds a histogram or an object in JSROOT's shape. */
  add(directory: string, histogram: Histogram | RootObject): Histogram {
    return this.output.addHistogram(directory, histogram);
  }

  /** The histograms by full path. */
  get histograms(): ReadonlyMap<string, Histogram> {
    return this.output.histograms;
  }
}
