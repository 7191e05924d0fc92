/** Sums of histograms of derived classes, target by target. */
import { withContext } from '../../errors.ts';
import type { ExecuteContext, PlanContext } from '../merger.ts';
import { histogramPart, membersBeside } from '../objects/histogram-part.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import { writeGraph } from '../objects/write-graph.ts';
import { newestContributions, tellOlderCycles } from '../plan/newest-cycles.ts';
import { contextOf, type Contribution, type MergePlan } from '../plan/plan.ts';
import { derivedKind } from './derived-histogram.ts';
import type { HistogramKind } from './histogram-kind.ts';
import { sumTarget } from './sum-target.ts';

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
    if (sum !== undefined) tellOwnMembers(target, contributions, kind, ctx);
    if (sum !== undefined && execute !== undefined && plan.conflicts.length === 0) writeGraph(target, first, sum, execute);
    for (const { directory, keyIndex } of contributions) await execute?.progress.step(directory.keys.nbytes(keyIndex));
  }
}

/** Tells that members of the derived class, which do not add, differ between contributions. */
function tellOwnMembers(
  target: number,
  contributions: readonly Contribution[],
  kind: HistogramKind,
  { plan, diagnostics }: PlanContext,
): void {
  if (new Set(contributions.map(ownMembers)).size < 2) return;
  const message = `added as the ${kind.className} that ${plan.className(target)} derives from; its other members differ between inputs and are those of the first`;
  diagnostics.add({ code: 'own-members-kept', path: plan.path(target), message });
}

function ownMembers(contribution: Contribution): string {
  const { root } = graphOfKey(contribution);
  const part = histogramPart(root);
  return part === undefined ? '' : withContext(contextOf(contribution), () => membersBeside(root, part));
}
