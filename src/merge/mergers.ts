/** The table of mergers, in the order in which their work is executed. */
import { additiveMerger } from './additive/additive-merger.ts';
import { histogramMerger } from './histogram/histogram-merger.ts';
import { histogramRules } from './histogram/pair-rules.ts';
import type { Merger } from './merger.ts';
import { otherMerger } from './other/other-merger.ts';
import { rntupleMerger } from './rntuple/rntuple-merger.ts';
import { treeMerger } from './tree/tree-merger.ts';

/**
 * Records whose keys have 32-bit seeks go first: beyond 2 GB such a key must grow, which needs an
 * object that is understood. Baskets and pages carry 64-bit keys and go last.
 */
export const MERGERS: readonly Merger[] = [otherMerger, additiveMerger(histogramRules), histogramMerger, rntupleMerger, treeMerger];
