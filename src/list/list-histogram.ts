/** What a histogram holds, for a listing. */
import type { DirectoryNode, RootFile } from '../io/root/root-file.ts';
import type { InfoSet } from '../io/root/streamer/info-set.ts';
import { walkObject } from '../io/root/streamer/walk.ts';
import { decodeHistogram, type Histogram } from '../merge/histogram/histogram.ts';
import { histogramKind } from '../merge/histogram/histogram-kind.ts';

/** One axis. */
export interface AxisListing {
  nbins: number;
  low: number;
  high: number;
  hasLabels: boolean;
}

/** A histogram. */
export interface HistogramListing {
  entries: number;
  /** Sum of the bins inside the axes; for profiles the sum of the weights. */
  integral: number;
  /** Mean along x, from the stored statistics; undefined when they are empty. */
  meanX: number | undefined;
  axes: AxisListing[];
  hasSumw2: boolean;
  /** Fills in the buffer that are in no bin yet. */
  pendingFills: number;
}

/** True for the classes `listHistogram` knows. */
export function isHistogramClass(className: string): boolean {
  return histogramKind(className) !== undefined;
}

/** Describes the histogram of a key; undefined for classes that are none. Throws where it is damaged. */
export function listHistogram(file: RootFile, directory: DirectoryNode, key: number, infos: InfoSet): HistogramListing | undefined {
  const className = directory.keys.className(key);
  const kind = histogramKind(className);
  if (kind === undefined) return undefined;
  const record = file.readObject(directory, key);
  const histogram = decodeHistogram(walkObject(record.payload, record.key.keylen, className, infos), kind);
  const [sumw, , sumwx] = histogram.statistics;
  return {
    entries: histogram.entries,
    integral: integralOf(histogram),
    meanX: sumw === undefined || sumw === 0 || sumwx === undefined ? undefined : sumwx / sumw,
    axes: histogram.axes.map(({ nbins, edges, xmin, xmax, labels }) => ({
      nbins,
      low: edges[0] ?? xmin,
      high: edges.at(-1) ?? xmax,
      hasLabels: labels !== undefined,
    })),
    hasSumw2: histogram.sumw2.length > 0,
    pendingFills: histogram.pending.count,
  };
}

function integralOf(histogram: Histogram): number {
  const { kind, axes, cells, binEntries } = histogram;
  const values = kind.isProfile ? binEntries : cells;
  const [nx, ny, nz] = [0, 1, 2].map((i) => axes[i]?.nbins) as [number, number | undefined, number | undefined];
  let sum = 0;
  for (let z = nz === undefined ? 0 : 1; z <= (nz ?? 0); z++) {
    for (let y = ny === undefined ? 0 : 1; y <= (ny ?? 0); y++) {
      const row = (z * ((ny ?? 0) + 2) + y) * (nx + 2);
      for (let x = 1; x <= nx; x++) sum += Number(values[row + x]);
    }
  }
  return sum;
}
