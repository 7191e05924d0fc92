/**
 * Holds a merged HDF5 file against its inputs: rows of datasets are those of the inputs one after another, or by rule their sum, or equal
 * in all of them; everything else is that of the first input that has it, and equal in the others.
 */
import { isPoolMergeError } from '../../errors.ts';
import { comparisonOf, diffReport, type DiffOptions, type DiffReport, type ObjectComparison, type Verdict } from '../diff-report.ts';
import { DiffRun } from '../diff-run.ts';
import { rangesText } from '../entries/entry-selection.ts';
import { ValueTally } from '../table/cells.ts';
import { refuseMeaningless } from '../table/table-options.ts';
import { isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import { classOf } from './compare-datasets.ts';
import { Hdf5Side, OpenHdf5Files } from './hdf5-side.ts';
import { judgeDescription } from './judge-description.ts';
import { judgeAttributes, judgePart, judgeSum, type ValueJudgement } from './judge-values.ts';
import { AskedRules, joinedRows, partsAt, type MergeInput, type MergePart, type MergeTarget } from './merge-targets.ts';
import { missingParts } from './missing-rows.ts';
import { rowConventions } from './row-conventions.ts';

/** Holds a merged HDF5 file against its inputs; see `diffMerged`. */
export async function diffHdf5Merged(output: string, inputs: readonly string[], options: DiffOptions): Promise<DiffReport> {
  refuseMeaningless(options, 'hdf5', 'merge');
  using run = new DiffRun(options);
  using files = new OpenHdf5Files();
  await files.prepare([output, ...inputs]);
  const outSide = await Hdf5Side.read(output, files);
  const read: MergeInput[] = [];
  for (const path of inputs) {
    const side = await Hdf5Side.read(path, files);
    read.push({ side, conventions: rowConventions(side, await side.open()) });
    await run.turn();
  }
  const judgement: ValueJudgement = { outSide, asked: new AskedRules(options), run };
  const targets = planTargets(read, judgement);
  run.begin(targets.reduce((count, { parts }) => count + 1 + parts.length, 0));
  for (const target of targets) if (target.out !== undefined) judgeDescription(target, target.out, outSide);
  findGaps(targets, read);
  for (const target of targets) await guarded(target, outSide, () => findMissing(target, outSide));
  for (const parts of partsByInput(targets).values()) {
    for (const { target, part } of parts) {
      await guarded(target, outSide, () => judgeOne(target, part, judgement));
      run.objectDone();
      await run.turn();
    }
  }
  const objects: ObjectComparison[] = [];
  for (const target of targets) {
    if (target.rule === 'sum' && target.areValuesCompared) await guarded(target, outSide, () => judgeSum(target, judgement));
    objects.push(comparison(target, run));
    run.objectDone();
    await run.turn();
  }
  run.end();
  return diffReport('merge', output, inputs, objects);
}

function planTargets(inputs: readonly MergeInput[], { outSide, asked, run }: ValueJudgement): MergeTarget[] {
  return run.paths(outSide.objects.keys(), ...inputs.map(({ side }) => side.objects.keys())).map((path) => {
    const [out, parts] = [outSide.objects.get(path), partsAt(path, inputs)];
    const differences = run.differences(path);
    const target: MergeTarget = {
      path,
      out,
      parts,
      ...asked.ruleOf(path, parts),
      rowCount: parts[0]?.input.conventions.rowCounts.get(path),
      differences,
      tally: new ValueTally(differences, run.tolerance),
      notes: [],
      lossCount: 0,
      missingRows: 0,
      wrong: new Set(),
      isUnjudged: false,
      areValuesCompared: false,
    };
    const doubtful =
      parts.length > 1 ? parts.map(({ input }) => input.conventions.doubtful.get(path)).find((reason) => reason !== undefined) : undefined;
    if (doubtful !== undefined) {
      target.isUnjudged = true;
      target.notes.push(`rows of several inputs may not fit together: ${doubtful}`);
    }
    return target;
  });
}

/** Columns of one group are joined row by row: an input that lacks one of them puts it out of step. */
function findGaps(targets: readonly MergeTarget[], inputs: readonly MergeInput[]): void {
  const groups = new Map<string, MergeTarget[]>();
  for (const target of targets) {
    if (target.rule !== 'join' || target.parts.some(({ object }) => object.aliasOf !== undefined)) continue;
    const group = target.path.slice(0, target.path.lastIndexOf('/'));
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [target]);
    else members.push(target);
  }
  for (const members of groups.values()) {
    for (const { side } of inputs) {
      const missing = members.filter(({ path }) => !side.objects.has(path));
      if (missing.length === members.length) continue;
      for (const { differences } of missing) differences.add(`rows (${side.path})`, 'absent', 'as many as others of its group have');
    }
  }
}

/** Where rows of whole inputs are missing, these are named, and nothing is compared in the wrong place. */
async function findMissing(target: MergeTarget, outSide: Hdf5Side): Promise<void> {
  const { differences } = target;
  if (target.missingRows <= 0 || !target.areValuesCompared) return;
  const missing = await missingParts(target, outSide);
  if (missing === undefined) return;
  target.areValuesCompared = false;
  for (const { input, rowCount } of missing) differences.add(`rows of ${input.side.path}`, 'absent', rowCount);
}

/** Targets with the part that each input has, by input. */
function partsByInput(targets: readonly MergeTarget[]): Map<MergeInput, { target: MergeTarget; part: MergePart }[]> {
  const byInput = new Map<MergeInput, { target: MergeTarget; part: MergePart }[]>();
  for (const target of targets) {
    for (const part of target.parts) {
      const list = byInput.get(part.input) ?? [];
      byInput.set(part.input, list);
      if (target.out?.kind === part.object.kind) list.push({ target, part });
    }
  }
  return byInput;
}

async function judgeOne(target: MergeTarget, part: MergePart, judgement: ValueJudgement): Promise<void> {
  await judgeAttributes(target, part, judgement);
  await judgePart(target, part, judgement);
}

/** What cannot be read is open; in the merged file alone it is wrong. */
async function guarded(target: MergeTarget, outSide: Hdf5Side, judge: () => Promise<void>): Promise<void> {
  try {
    await judge();
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    target.areValuesCompared = false;
    if (err.code === 'CORRUPT_FILE' && err.file === outSide.path) target.differences.add('object', err.reason, 'can be read');
    else {
      target.isUnjudged = true;
      target.notes.push(err.message);
    }
  }
}

function comparison(target: MergeTarget, run: DiffRun): ObjectComparison {
  const { path, out, parts, differences, tally, notes, rule } = target;
  const object = parts[0]?.object ?? out;
  const className = object === undefined ? '' : classOf(object);
  const extent = object?.extent;
  const hasRows = extent !== undefined && !isScalar(extent);
  if (hasRows && out !== undefined) run.streamsDone(Math.max(rowsOf(extent), joinedRows(parts)));
  const how = rule === 'sum' && parts.length > 1 ? ['values are the sums of those of the inputs'] : [];
  const ranged = run.ranges === undefined || !hasRows ? [] : [`only entries ${rangesText(run.ranges)} are compared`];
  const all = [...ranged, ...(differences.count === 0 ? how : []), ...tally.notes(), ...notes];
  return comparisonOf(path, className, verdictOf(target), differences, all);
}

function verdictOf({ out, parts, differences, lossCount, missingRows, isUnjudged }: MergeTarget): Verdict {
  if (parts.length === 0) return 'added';
  if (out === undefined) return 'lost';
  if (differences.count === 0) return isUnjudged ? 'unjudged' : 'right';
  if (differences.count === lossCount || missingRows > 0) return 'lost';
  return missingRows < 0 ? 'added' : 'altered';
}
