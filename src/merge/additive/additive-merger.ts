/**
 * The merger of objects beside histograms that add up: histograms of n dimensions, efficiencies, parameters, graphs,
 * stacks, and lists with any of these inside.
 */
import { UnsupportedError, withContext } from '../../errors.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import type { HistogramRules } from '../histogram-rules.ts';
import type { ExecuteContext, Merger, PlanContext, PlannedWork } from '../merger.ts';
import { contextOf, type Contribution, type MergePlan } from '../plan/plan.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import { usesProcessIds } from '../objects/process-id-use.ts';
import { refuseTreesInside } from '../objects/trees-inside.ts';
import { writeGraph } from '../objects/write-graph.ts';
import { MULTI_ERRORS, haveSameKinds } from './add-graph.ts';
import { isList } from './add-list.ts';
import { Addition, addsByContents, mayAddByContents } from './add-objects.ts';
import { RunningSums } from './running-sums.ts';
import { SumNotes } from './sum-notes.ts';
import { newestContributions, tellOlderCycles } from '../plan/newest-cycles.ts';

/** Sums objects of equal name and class; whether they fit is seen when they are read. */
export function additiveMerger(histograms: HistogramRules): Merger {
  return {
    family: 'additive',
    claims: isAddedByContents,
    plan: (targets, ctx) => planAdditions(targets, ctx, histograms),
  };
}

/**
 * Entry lists add only if all of them do: numbers of entries of no tree would be lost among the others. Graphs with several kinds of
 * errors add if all have as many.
 */
function isAddedByContents(target: number, plan: MergePlan): boolean {
  const className = plan.className(target);
  if (!mayAddByContents(className) || plan.inputCount(target) < 2) return false;
  if (className === MULTI_ERRORS) {
    return haveSameKinds(plan.contributions(target).map((contribution) => graphOfKey(contribution).root));
  }
  const adds = (contribution: Contribution): boolean => addsByContents(graphOfKey(contribution));
  return isList(className) ? plan.contributions(target).some(adds) : plan.contributions(target).every(adds);
}

function planAdditions(targets: readonly number[], ctx: PlanContext, histograms: HistogramRules): PlannedWork {
  const added = targets.filter((target) => planTarget(target, ctx));
  let inputBytes = 0;
  for (const target of added) {
    for (const { directory, keyIndex } of newestContributions(ctx.plan.contributions(target))) {
      inputBytes += directory.keys.nbytes(keyIndex);
    }
  }
  return {
    family: 'additive',
    inputBytes,
    // Conflicts are thrown by the histogram merger, which comes next and finds more of them.
    async execute(executeContext): Promise<void> {
      for (const target of added) {
        const sum = await sumTarget(target, histograms, executeContext, executeContext);
        if (sum === undefined || ctx.plan.conflicts.length > 0) continue;
        writeGraph(target, newestContributions(ctx.plan.contributions(target))[0] as Contribution, sum, executeContext);
      }
    },
    async check(planContext): Promise<void> {
      for (const target of added) await sumTarget(target, histograms, planContext);
    },
  };
}

function planTarget(target: number, { plan, diagnostics }: PlanContext): boolean {
  const all = plan.contributions(target);
  if (refuseTreesInside(plan, target, [...all.keys()]) === 'refused') return false;
  plan.decideSlots(target, 'add', 'mergeable', 1);
  tellOlderCycles(diagnostics, plan.path(target), all.length - newestContributions(all).length);
  return true;
}

/** The sum of a target's contributions, two of them in memory at a time; undefined when they do not fit (conflicts are in the plan). */
async function sumTarget(
  target: number,
  histograms: HistogramRules,
  ctx: PlanContext,
  execute?: ExecuteContext,
): Promise<SpanGraph | undefined> {
  const sums = new RunningSums();
  const notes = new SumNotes();
  let sum: SpanGraph | undefined;
  for (const contribution of newestContributions(ctx.plan.contributions(target))) {
    const addition = new Addition(histograms, sums);
    const next = graphOfKey(contribution);
    try {
      checkForeignIds(contribution, next);
      checkUnderstood(next);
      const first = (sum ??= next);
      if (first === next) sums.origin = contextOf(contribution);
      else withContext(contextOf(contribution), () => addition.addRoots(first, next));
    } catch (err) {
      if (!(err instanceof UnsupportedError)) throw err;
      addition.refuse('unsupported', '', err.reason);
    }
    for (const { code, reason } of addition.misfits) ctx.plan.refuse(target, code, reason, contribution.input);
    notes.take(addition);
    await execute?.progress.step(contribution.directory.keys.nbytes(contribution.keyIndex));
  }
  notes.tell(ctx, ctx.plan.path(target));
  if (notes.isRefused) return undefined;
  sums.store();
  return sum;
}

/** Parts of several inputs stand in one record, which has room for one input's process ids. */
function checkForeignIds(contribution: Contribution, graph: SpanGraph): void {
  if (contribution.input.pidOffset > 0 && usesProcessIds(contribution, graph)) {
    throw new UnsupportedError('holds references (TRef) under other process ids than the first input');
  }
}

/** What is not understood can be copied with its object, but not written into another one. */
function checkUnderstood({ opaque }: SpanGraph): void {
  const part = opaque[0];
  if (part !== undefined) throw new UnsupportedError(`holds a ${part.className} that is not understood: ${part.reason}`);
}
