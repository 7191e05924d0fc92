/** Sums of histograms of derived classes, target by target. */
import { UnsupportedError, withContext } from '../../errors.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import type { ExecuteContext, PlanContext } from '../merger.ts';
import { histogramPart, membersBeside } from '../objects/histogram-part.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import { newestContributions, tellOlderCycles } from '../plan/newest-cycles.ts';
import { contextOf, type Contribution, type MergePlan } from '../plan/plan.ts';
import { targetKey } from '../plan/target-key.ts';
import { derivedKind } from './derived-histogram.ts';
import type { HistogramKind } from './histogram-kind.ts';
import { sumHistograms } from './sum-histograms.ts';

/** True for targets of several inputs whose class derives from a histogram and is understood. */
export function isDerivedHistogram(target: number, plan: MergePlan): boolean {
  const isOne = ({ input }: Contribution): boolean => derivedKind(plan.className(target), input.infos) !== undefined;
  // The first alone, before the others are looked at: there may be a million targets of other classes.
  if (plan.inputCount(target) < 2 || !isOne(plan.contribution(target, 0))) return false;
  const contributions = newestContributions(plan.contributions(target));
  return contributions.every(isOne) && contributions.every((each) => graphOfKey(each).root.kind === 'object');
}

/** Decides such targets; bytes of the records they are read from. */
export function planDerived(targets: readonly number[], { plan, diagnostics }: PlanContext): number {
  let bytes = 0;
  for (const target of targets) {
    const contributions = newestContributions(plan.contributions(target));
    plan.decideSlots(target, 'add', 'mergeable', 1);
    tellOlderCycles(diagnostics, plan.path(target), plan.contributionCount(target) - contributions.length);
    for (const { directory, keyIndex } of contributions) bytes += directory.keys.nbytes(keyIndex);
  }
  return bytes;
}

/** Sums all targets; without `execute` nothing is written and only conflicts and diagnostics are found. */
export async function sumDerived(targets: readonly number[], ctx: PlanContext, execute?: ExecuteContext): Promise<void> {
  const { plan } = ctx;
  for (const target of targets) {
    const contributions = newestContributions(plan.contributions(target));
    const [first] = contributions;
    const kind = first === undefined ? undefined : derivedKind(plan.className(target), first.input.infos);
    if (first === undefined || kind === undefined) continue;
    const sum = sumTarget(target, contributions, kind, ctx);
    if (sum !== undefined && execute !== undefined && plan.conflicts.length === 0) write(target, first, sum, execute);
    for (const { directory, keyIndex } of contributions) await execute?.progress.step(directory.keys.nbytes(keyIndex));
  }
}

function sumTarget(target: number, contributions: readonly Contribution[], kind: HistogramKind, { plan, diagnostics }: PlanContext): SpanGraph | undefined {
  const [path, className] = [plan.path(target), plan.className(target)];
  try {
    const sum = sumHistograms(kind, contributions.length, (k) => graphOfKey(contributions[k] as Contribution), (k) => contextOf(contributions[k] as Contribution));
    for (const { contribution, code, reason } of sum.disagreements) plan.refuse(target, code, reason, contributions[contribution]?.input);
    if (sum.inexact > 0) {
      diagnostics.add({ code: 'saturated', path, message: `${sum.inexact} bin additions reached the largest value a ${kind.className} can hold` });
    }
    if (sum.graph !== undefined && new Set(contributions.map(ownMembers)).size > 1) {
      diagnostics.add({ code: 'own-members-kept', path, message: `added as the ${kind.className} that ${className} derives from; its other members differ between inputs and are those of the first` });
    }
    return sum.graph;
  } catch (err) {
    if (!(err instanceof UnsupportedError)) throw err;
    plan.refuse(target, 'unsupported', err.reason, contributions.find((each) => each.input.path === err.file)?.input);
    return undefined;
  }
}

function ownMembers(contribution: Contribution): string {
  const { root } = graphOfKey(contribution);
  const part = histogramPart(root);
  return part === undefined ? '' : withContext(contextOf(contribution), () => membersBeside(root, part));
}

function write(target: number, first: Contribution, sum: SpanGraph, { plan, directories, writer, outcomes }: ExecuteContext): void {
  const output = directories[plan.targets.directory.at(target)];
  if (output === undefined) return;
  const written = writer.writeObject(output, plan.targets.slot.at(target), targetKey(first), (keylen) => encodeGraph(sum, { keylen }));
  outcomes.bytesEncoded[target] = written.nbytes - written.keylen;
}
