/** The merger of objects beside histograms that add up: histograms of n dimensions, efficiencies, parameters, graphs, stacks, and lists with any of these inside. */
import { UnsupportedError, withContext } from '../../errors.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { isUnaddedPart } from '../plan/class-family.ts';
import type { HistogramRules } from '../histogram-rules.ts';
import type { ExecuteContext, Merger, PlanContext, PlannedWork } from '../merger.ts';
import { contextOf, type Contribution, type MergePlan } from '../plan/plan.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import { usesProcessIds } from '../objects/process-id-use.ts';
import { targetKey } from '../plan/target-key.ts';
import { refuseTreesInside } from '../objects/trees-inside.ts';
import { isList } from './add-list.ts';
import { Addition, addsByContents, mayAddByContents } from './add-objects.ts';
import { RunningSums } from './running-sums.ts';
import { newestContributions, tellOlderCycles } from '../plan/newest-cycles.ts';

/** Sums objects of equal name and class; whether they fit is seen when they are read. */
export function additiveMerger(histograms: HistogramRules): Merger {
  return {
    family: 'additive',
    claims: isAddedByContents,
    plan: (targets, ctx) => planAdditions(targets, ctx, histograms),
  };
}

/** Entry lists add only if all of them do: numbers of entries of no tree would be lost among the others. */
function isAddedByContents(target: number, plan: MergePlan): boolean {
  const className = plan.className(target);
  if (!mayAddByContents(className) || plan.inputCount(target) < 2) return false;
  const adds = (contribution: Contribution): boolean => addsByContents(graphOfKey(contribution));
  return isList(className) ? plan.contributions(target).some(adds) : plan.contributions(target).every(adds);
}

function planAdditions(targets: readonly number[], ctx: PlanContext, histograms: HistogramRules): PlannedWork {
  let inputBytes = 0;
  const added = targets.filter((target) => planTarget(target, ctx));
  for (const target of added) for (const { directory, keyIndex } of newestContributions(ctx.plan.contributions(target))) inputBytes += directory.keys.nbytes(keyIndex);
  return {
    family: 'additive',
    inputBytes,
    // Conflicts are thrown by the histogram merger, which comes next and finds more of them.
    async execute(executeContext): Promise<void> {
      for (const target of added) {
        const sum = await sumTarget(target, histograms, executeContext, executeContext);
        if (sum !== undefined && ctx.plan.conflicts.length === 0) writeSum(target, sum, executeContext);
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
async function sumTarget(target: number, histograms: HistogramRules, ctx: PlanContext, execute?: ExecuteContext): Promise<SpanGraph | undefined> {
  const { plan, diagnostics } = ctx;
  let sum: SpanGraph | undefined;
  let refused = false;
  let inexact = 0;
  const [kept, withOwnMembers] = [new Set<string>(), new Set<string>()];
  const sums = new RunningSums();
  for (const contribution of newestContributions(plan.contributions(target))) {
    const addition = new Addition(histograms, sums);
    const next = graphOfKey(contribution);
    try {
      checkForeignIds(contribution, next);
      checkUnderstood(next);
      const first = (sum ??= next);
      if (first !== next) withContext(contextOf(contribution), () => addition.addRoots(first, next));
    } catch (err) {
      if (!(err instanceof UnsupportedError)) throw err;
      addition.refuse('unsupported', '', err.reason);
    }
    for (const { code, reason } of addition.misfits) plan.refuse(target, code, reason, contribution.input);
    refused ||= addition.misfits.length > 0;
    inexact += addition.inexact;
    for (const className of addition.withOwnMembers) withOwnMembers.add(className);
    for (const className of addition.kept) if (isUnaddedPart(className)) kept.add(className);
    await execute?.progress.step(contribution.directory.keys.nbytes(contribution.keyIndex));
  }
  if (inexact > 0) {
    diagnostics.add({ code: 'saturated', path: plan.path(target), message: `${inexact} bin additions reached the largest value their histogram can hold` });
  }
  if (kept.size > 0) {
    diagnostics.add({ code: 'parts-not-added', path: plan.path(target), message: `holds objects of class ${[...kept].join(', ')}, which are not added: distinct ones stand side by side` });
  }
  if (withOwnMembers.size > 0) {
    diagnostics.add({ code: 'own-members-kept', path: plan.path(target), message: `holds objects of class ${[...withOwnMembers].join(', ')}, added as the histograms they derive from; their other members differ between inputs and are those of the first` });
  }
  if (refused) return undefined;
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

function writeSum(target: number, sum: SpanGraph, { plan, directories, writer, outcomes }: ExecuteContext): void {
  const output = directories[plan.targets.directory.at(target)];
  if (output === undefined) return;
  const key = targetKey(newestContributions(plan.contributions(target))[0] as Contribution);
  const written = writer.writeObject(output, plan.targets.slot.at(target), key, (keylen) => encodeGraph(sum, { keylen }));
  outcomes.bytesEncoded[target] = written.nbytes - written.keylen;
}
