/**
 * Histograms of classes that users derive from TH1, TH2, TH3 or a profile. They add as the class they derive from does
 * (TH1::Merge, which such a class inherits); members of their own are not known to add and stay the first input's.
 */
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { familyOf, isUnaddedPart } from '../plan/class-family.ts';
import { histogramKind, type HistogramKind } from './histogram-kind.ts';

const known = new WeakMap<InfoSet, Map<string, HistogramKind | undefined>>();

/**
 * The kind of histogram that a class derives from; undefined for those classes themselves, and where a class on the way
 * has another rule.
 */
export function derivedKind(className: string, infos: InfoSet): HistogramKind | undefined {
  let kinds = known.get(infos);
  if (kinds === undefined) known.set(infos, (kinds = new Map()));
  if (!kinds.has(className)) {
    // Put first: a class that is said to derive from itself ends here.
    kinds.set(className, undefined);
    kinds.set(className, findKind(className, infos));
  }
  return kinds.get(className);
}

function findKind(className: string, infos: InfoSet): HistogramKind | undefined {
  if (familyOf(className) !== 'other' || isUnaddedPart(className)) return undefined;
  const [info] = infos.all(className);
  for (const { elementClass, name } of info?.elements ?? []) {
    if (elementClass !== 'TStreamerBase') continue;
    const kind = histogramKind(name) ?? derivedKind(name, infos);
    if (kind !== undefined) return kind;
  }
  return undefined;
}
