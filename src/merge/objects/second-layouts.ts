/**
 * Objects that nobody could read in the output: a frame names a class and a version (ROOT's TBufferFile::WriteVersion),
 * and readers take the first layout they find under these. When inputs describe one version differently, only the
 * objects of the first keep their meaning.
 */
import { InfoSet } from '../../io/root/streamer/info-set.ts';
import { MEMBER_WISE_BIT } from '../../io/root/streamer/type-codes.ts';
import type { SpanNode } from '../../io/root/streamer/span-graph.ts';
import { sameLayout } from './class-layouts.ts';
import type { InputFile } from '../inputs.ts';
import type { Contribution, MergePlan } from '../plan/plan.ts';
import { someNode } from '../../io/root/streamer/graph-search.ts';
import { graphOfKey } from './key-graph.ts';

/** Bytes of a frame with byte count, version and checksum: the checksum tells the layout. */
const CHECKSUM_FRAME_BYTES = 10;

/** What readers of the output go by, and which inputs mean something else. */
export interface SecondLayouts {
  /**
   * The first layout of each class and version; not of version 1, which classes without ClassDef have: in baskets a
   * checksum tells theirs.
   */
  readers: InfoSet;
  /** `class;version` of what the infos of an input describe differently; inputs that agree are left out. */
  differing: ReadonlyMap<InfoSet, ReadonlySet<string>>;
}

/**
 * Compares the infos of all inputs; undefined when none contradicts an earlier one. ROOT's core classes are known for
 * certain and left out.
 */
export function secondLayouts(inputs: readonly InputFile[]): SecondLayouts | undefined {
  const sets = [...new Set(inputs.map(({ infos }) => infos))];
  if (sets.length === 1) return undefined;
  const first = new InfoSet();
  const differing = new Map<InfoSet, ReadonlySet<string>>();
  for (const infos of sets) {
    const second = new Set<string>();
    for (const { className, classVersion } of infos.list()) {
      const [own, known] = [infos.find(className, classVersion), first.find(className, classVersion)];
      if (own === undefined || infos.isCore(className)) continue;
      if (known === undefined) first.add(own);
      else if (!sameLayout(known, own)) second.add(`${className};${classVersion}`);
    }
    if (second.size > 0) differing.set(infos, second);
  }
  return differing.size === 0
    ? undefined
    : { readers: new InfoSet(first.list().filter(({ classVersion }) => classVersion > 1)), differing };
}

/** Refuses every object that holds a second layout of a class; trees and RNTuples are looked at by those who plan them. */
export function refuseSecondLayouts(plan: MergePlan, { differing }: SecondLayouts): void {
  for (let target = 0; target < plan.targets.count; target++) {
    const family = plan.family(target);
    const isLeft = plan.disposition(target) === 'skip' || plan.disposition(target) === 'refuse';
    if (isLeft || family === 'tree' || family === 'rntuple' || family === 'process-id') continue;
    // The sum of histograms has the parts of the first.
    const kept = family === 'histogram' ? [plan.contribution(target, 0)] : plan.contributions(target);
    for (const contribution of kept) {
      const second = differing.get(contribution.input.infos);
      const found = second === undefined ? undefined : findSecond(contribution, second);
      if (found === undefined) continue;
      const reason = `holds ${found.replace(';', ' version ')} in another layout than an earlier input describes: the version alone would not tell them apart`;
      plan.refuse(target, 'layout-differs', reason, contribution.input);
      break;
    }
  }
}

function findSecond(contribution: Contribution, second: ReadonlySet<string>): string | undefined {
  const graph = graphOfKey(contribution);
  let found: string | undefined = [...second].find((name) => graph.opaque.some(({ className }) => name.startsWith(`${className};`)));
  someNode(graph, (node) => {
    const name = versionName(node);
    if (name !== undefined && second.has(name)) found ??= name;
    return found !== undefined;
  });
  return found;
}

/** `class;version` of a frame that names no checksum. */
function versionName(node: SpanNode): string | undefined {
  if (node.kind !== 'object' || node.headerBytes === CHECKSUM_FRAME_BYTES) return undefined;
  return `${node.className};${node.headerBytes === 0 ? (node.plan?.version ?? 0) : node.version & ~MEMBER_WISE_BIT}`;
}
