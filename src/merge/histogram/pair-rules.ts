/** Histograms inside of other objects, added two at a time. */
import { UnsupportedError } from '../../errors.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import type { HistogramRules } from '../histogram-rules.ts';
import { histogramKind } from './histogram-kind.ts';
import { sumHistograms } from './sum-histograms.ts';

/** The rules of TH1::Merge for two histograms. */
export const histogramRules: HistogramRules = {
  add(sum: SpanGraph, next: SpanGraph) {
    const kind = histogramKind(sum.className);
    if (kind === undefined) throw new UnsupportedError(`${sum.className} is no histogram`);
    const { disagreements, inexact } = sumHistograms(kind, 2, (k) => (k === 0 ? sum : next));
    return { misfits: disagreements, inexact };
  },
};
