/** Additive layouts by streamer infos, class and version. */
import type { Kernels } from '../../io/codec/kernels.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { compileLayout, frameVersion } from '../../io/root/streamer/layout.ts';
import { AdditiveLayout } from './additive-layout.ts';
import type { HistogramKind } from './histogram-kind.ts';
import { wantedMembers } from './member-places.ts';

/** Classes whose streamer infos decide the layout of every histogram; the own class of a kind comes in addition. */
const BASE_CLASSES = [
  'TNamed',
  'TAttLine',
  'TAttFill',
  'TAttMarker',
  'TAttAxis',
  'TAxis',
  'TH1',
  'TH2',
  'TH3',
  'TAtt3D',
  'TH1D',
  'TH2D',
  'TH3D',
];

type LayoutsByVersion = Map<number, AdditiveLayout | null>;

/** Layouts by class and version. Sets of streamer infos that say the same of a class share its layouts. */
export class LayoutCache {
  readonly #kernels: Kernels;
  readonly #bySet = new Map<InfoSet, Map<HistogramKind, LayoutsByVersion>>();
  readonly #byMeaning = new Map<string, LayoutsByVersion>();
  #last: { infos: InfoSet; kind: HistogramKind; versions: LayoutsByVersion } | undefined;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  /** The layout of the object in [start, end), or null when it must be decoded. */
  find(infos: InfoSet, kind: HistogramKind, view: DataView, start: number, end: number): AdditiveLayout | null {
    const versions = this.#versionsOf(infos, kind);
    const version = frameVersion(view, start, end);
    let layout = versions.get(version);
    if (layout === undefined) {
      layout = this.#compile(infos, kind, version);
      versions.set(version, layout);
    }
    return layout;
  }

  #versionsOf(infos: InfoSet, kind: HistogramKind): LayoutsByVersion {
    if (this.#last?.infos === infos && this.#last.kind === kind) return this.#last.versions;
    let kinds = this.#bySet.get(infos);
    if (kinds === undefined) this.#bySet.set(infos, (kinds = new Map<HistogramKind, LayoutsByVersion>()));
    let versions = kinds.get(kind);
    if (versions === undefined) kinds.set(kind, (versions = this.#shared(infos, kind)));
    this.#last = { infos, kind, versions };
    return versions;
  }

  #shared(infos: InfoSet, kind: HistogramKind): LayoutsByVersion {
    const meaning = [kind.className, ...BASE_CLASSES].map((name) => `${name} ${versionsIn(infos, name)}`).join(';');
    let versions = this.#byMeaning.get(meaning);
    if (versions === undefined) this.#byMeaning.set(meaning, (versions = new Map<number, AdditiveLayout | null>()));
    return versions;
  }

  #compile(infos: InfoSet, kind: HistogramKind, version: number): AdditiveLayout | null {
    if (version <= 0) return null;
    const object = compileLayout(infos, kind.className, version, wantedMembers(kind));
    if (object === null) return null;
    const layout = new AdditiveLayout(kind, object, this.#kernels);
    return layout.isComplete ? layout : null;
  }
}

function versionsIn(infos: InfoSet, className: string): string {
  const versions = infos.all(className).map(({ classVersion, checksum }) => `${classVersion}:${checksum}`);
  return versions.join();
}
