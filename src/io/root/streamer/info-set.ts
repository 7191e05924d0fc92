/** Look-up of streamer infos by class and version or checksum, with the plans compiled from them. */
import { compilePlan } from './class-plan.ts';
import type { ClassPlan } from './class-plan.ts';
import type { StreamerInfo } from './streamer-info.ts';
import { plainName } from './type-name.ts';

/** Version a base class without ClassDef has in streamer elements. */
const UNVERSIONED = -1;

/** Plan key of a look-up by version alone, where several checksums of one version would be possible. */
const ANY_CHECKSUM = -1;

/**
 * The streamer infos one payload is read with: those of its file, then a fallback set (the built-in ones).
 * Several checksums of one version are kept; a look-up by version gives the first.
 */
export class InfoSet {
  readonly #infos = new Map<string, StreamerInfo[]>();
  readonly #plain = new Map<string, string>();
  readonly #alternatives = new Map<string, readonly ClassPlan[]>();
  readonly #plans = new Map<string, Map<number, ClassPlan | null>>();
  readonly #fallback: ((className: string) => readonly StreamerInfo[]) | null;

  /** @param fallback gives the infos of a class that `infos` lacks in the version asked for */
  constructor(infos: Iterable<StreamerInfo> = [], fallback: ((className: string) => readonly StreamerInfo[]) | null = null) {
    this.#fallback = fallback;
    for (const info of infos) this.add(info);
  }

  /** Adds an info unless the same (class, version, checksum) is there. */
  add(info: StreamerInfo): void {
    const list = this.#infos.get(info.className);
    if (list === undefined) this.#infos.set(info.className, [info]);
    else if (!list.some((old) => old.classVersion === info.classVersion && old.checksum === info.checksum)) list.push(info);
    else return;
    this.#plans.delete(info.className);
    this.#alternatives.clear();
    this.#plain.clear();
  }

  /** All infos of a class, own ones before those of the fallback. Knows template arguments by their plain C++ names too. */
  all(className: string): StreamerInfo[] {
    return [...this.#own(className), ...(this.#fallback?.(className) ?? [])];
  }

  #own(className: string): readonly StreamerInfo[] {
    const own = this.#infos.get(className);
    if (own !== undefined || !className.includes('<')) return own ?? [];
    return this.#infos.get(this.#plainNames().get(plainName(className)) ?? '') ?? [];
  }

  /** The first info that fits: own ones, else those of the fallback. */
  #first(className: string, fits: (info: StreamerInfo) => boolean): StreamerInfo | undefined {
    return this.#own(className).find(fits) ?? this.#fallback?.(className).find(fits);
  }

  /** Class names as added, by their plain form. */
  #plainNames(): Map<string, string> {
    if (this.#plain.size === 0) for (const name of this.#infos.keys()) this.#plain.set(plainName(name), name);
    return this.#plain;
  }

  /** True for the classes of the fallback set: their layout is known for certain. */
  isCore(className: string): boolean {
    return (this.#fallback?.(className).length ?? 0) > 0;
  }

  /** Every own info, in order of addition per class. */
  list(): StreamerInfo[] {
    return [...this.#infos.values()].flat();
  }

  /** The first info of that version, or undefined. Version -1 means a class without versions, described as version 1. */
  find(className: string, version: number): StreamerInfo | undefined {
    const wanted = version === UNVERSIONED ? 1 : version;
    return this.#first(className, (info) => info.classVersion === wanted);
  }

  /** The info with that checksum, or undefined. Member types may lack the scope of their class (`Inner` for `Outer::Inner`). */
  findByChecksum(className: string, checksum: number): StreamerInfo | undefined {
    const direct = this.#first(className, (info) => info.checksum === checksum);
    return direct ?? this.list().find((info) => info.checksum === checksum && info.className.endsWith(`::${className}`));
  }

  /** The plan for a version of a class, or null if no info is known. */
  plan(className: string, version: number): ClassPlan | null {
    return this.#cached(className, version, ANY_CHECKSUM, () => this.find(className, version));
  }

  /** Further own layouts of the same version: merged files hold several, and a frame names only the version. */
  alternatives(className: string, version: number): readonly ClassPlan[] {
    const key = `${className};${version}`;
    let plans = this.#alternatives.get(key);
    if (plans === undefined) {
      const infos = (this.#infos.get(className) ?? []).filter((info) => info.classVersion === version);
      plans = infos
        .filter((info, i) => !infos.slice(0, i).some((old) => sameLayout(old, info)))
        .slice(1)
        .map(compilePlan);
      this.#alternatives.set(key, plans);
    }
    return plans;
  }

  /** The plan for the layout with that checksum, or null. */
  planByChecksum(className: string, checksum: number): ClassPlan | null {
    return this.#cached(className, ANY_CHECKSUM, checksum, () => this.findByChecksum(className, checksum));
  }

  #cached(className: string, version: number, checksum: number, find: () => StreamerInfo | undefined): ClassPlan | null {
    let plans = this.#plans.get(className);
    if (plans === undefined) {
      plans = new Map();
      this.#plans.set(className, plans);
    }
    // Versions are 16-bit and checksums 32-bit, so the two kinds of look-up cannot share a key.
    const key = checksum === ANY_CHECKSUM ? version : 0x1_0000 + checksum;
    let plan = plans.get(key);
    if (plan === undefined) {
      const info = find();
      plan = info === undefined ? null : compilePlan(info);
      plans.set(key, plan);
    }
    return plan;
  }
}

/** True if objects of both infos have the same bytes: checksums differ for reasons that do not touch the buffer, too. */
function sameLayout(a: StreamerInfo, b: StreamerInfo): boolean {
  const layout = (info: StreamerInfo): string =>
    JSON.stringify(
      info.elements.map((e) => [e.name, e.type, e.arrayLength, e.storedSize, e.countName, e.storedSize > 0 ? '' : e.typeName]),
    );
  return layout(a) === layout(b);
}
