/** Objects of classes that derive from histograms: a merge may have added them as what they derive from, as TH1::Merge does. */
import { UnsupportedError } from '../../errors.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { member } from '../../io/root/streamer/member.ts';
import { graphOfPart, type SpanGraph, type TargetNode } from '../../io/root/streamer/span-graph.ts';
import { compareNodes } from '../object/compare-graphs.ts';
import type { DifferenceList } from '../object/difference.ts';
import { contentKind } from '../object/file-objects.ts';
import { compareWithSum, type SumComparison } from './expected-sum.ts';

/** Classes that derive from each other at most this often. */
const MOST_BASES = 20;
/** What ROOT derives from histograms itself adds by rules of its own. */
const OTHER_RULES = /^(TH2Poly|TProfile2Poly|TH1K)$/;

/** The histogram class that a class derives from, by its streamer infos. */
export function histogramBase(className: string, infos: InfoSet, depth = 0): string | undefined {
  if (OTHER_RULES.test(className) || depth > MOST_BASES) return undefined;
  if (contentKind(className) === 'histogram') return className;
  const bases = infos.all(className)[0]?.elements.filter(({ elementClass }) => elementClass === 'TStreamerBase') ?? [];
  for (const { name } of bases) {
    const base = histogramBase(name, infos, depth + 1);
    if (base !== undefined) return base;
  }
  return undefined;
}

/**
 * The name of the histogram class that the class of an object derives from, as far as its parts tell; undefined for
 * histograms themselves.
 */
export function basePartName(node: TargetNode): string | undefined {
  if (node.kind !== 'object' || OTHER_RULES.test(node.className) || contentKind(node.className) === 'histogram') return undefined;
  for (const child of node.children) {
    if (child.kind !== 'object' || !child.isBase) continue;
    const name = contentKind(child.className) === 'histogram' ? child.className : basePartName(child);
    if (name !== undefined) return name;
  }
  return undefined;
}

/**
 * Holds the part `base` of a derived histogram against the sum of those of the inputs, and all its other members
 * against those of the first.
 */
export function compareDerived(out: SpanGraph, inputs: readonly SpanGraph[], base: string, differences: DifferenceList): SumComparison {
  const [first] = inputs;
  if (first !== undefined) compareNodes(out.root, first.root, '', { tolerance: {}, skip: new Set([base]) }, differences);
  return compareWithSum(
    partOf(out, base),
    inputs.map((input) => () => partOf(input, base)),
    differences,
  );
}

function partOf({ root, className }: SpanGraph, base: string): SpanGraph {
  const part = member(root, base);
  if (part?.kind !== 'object') throw new UnsupportedError(`${className} is not understood`);
  return graphOfPart(part);
}
