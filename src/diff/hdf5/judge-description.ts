/** What the merged file says of an object, held against what its inputs say: kind, links, type, shape, number of rows. */
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import type { Hdf5Extent } from '../../io/hdf5/hdf5-library.ts';
import { isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import { shapeText } from './compare-attributes.ts';
import { haveEqualRows, typesThatDiffer, whyNotRead, type DescribedDataset } from './compare-datasets.ts';
import type { Hdf5Side } from './hdf5-side.ts';
import { joinedRows, type MergePart, type MergeTarget } from './merge-targets.ts';

/** A dataset as a file has it; undefined for anything else. */
export function datasetOf(side: Hdf5Side, object: Hdf5Object): DescribedDataset | undefined {
  return object.extent === undefined ? undefined : { side, object, path: object.path, extent: object.extent };
}

/** Holds the description of an object against those in the inputs; values are compared afterwards where that makes sense. */
export function judgeDescription(target: MergeTarget, out: Hdf5Object, outSide: Hdf5Side): void {
  const { parts, differences } = target;
  const before = differences.count;
  for (const part of parts) judgeLink(target, out, part);
  const merged = datasetOf(outSide, out);
  if (merged === undefined || out.aliasOf !== undefined || differences.count > before) return;
  for (const part of parts) judgeType(target, merged, part);
  if (differences.count > before) return;
  judgeRows(target, merged.extent);
  const reasons = [merged, ...parts.map((part) => datasetOf(part.input.side, part.object))].map((each) => each && whyNotRead(each));
  const reason = reasons.find((each) => each !== undefined);
  if (reason !== undefined) {
    target.isUnjudged = true;
    target.notes.push(reason);
  } else target.areValuesCompared = target.rule === 'join' || isScalar(merged.extent) || hasShapeOfParts(target, merged.extent);
}

/** ` (b.h5)`, where several inputs have the object. */
export function fromInput({ parts }: MergeTarget, { input }: MergePart): string {
  return parts.length === 1 ? '' : ` (${input.side.path})`;
}

function judgeLink(target: MergeTarget, out: Hdf5Object, part: MergePart): void {
  const expectEqual = (what: string, has: string, expected: string): void => {
    if (has !== expected) target.differences.add(what + fromInput(target, part), has, expected);
  };
  expectEqual('kind', out.kind, part.object.kind);
  expectEqual('another name of', out.aliasOf ?? 'nothing', part.object.aliasOf ?? 'nothing');
  if (out.kind === part.object.kind) expectEqual(out.kind === 'datatype' ? 'type' : 'target', out.target, part.object.target);
}

function judgeType(target: MergeTarget, merged: DescribedDataset, part: MergePart): void {
  const own = datasetOf(part.input.side, part.object);
  if (own === undefined) return;
  const types = typesThatDiffer(merged, own);
  if (types !== undefined) target.differences.add(`type${fromInput(target, part)}`, ...types);
  if (haveEqualRows(merged, own)) return;
  const rowText = ({ shape }: Hdf5Extent): string => (shape === null || shape.length === 0 ? shapeText(shape) : shapeText(shape.slice(1)));
  target.differences.add(`shape of a row${fromInput(target, part)}`, rowText(merged.extent), rowText(own.extent));
}

function hasShapeOfParts({ parts }: MergeTarget, { shape }: Hdf5Extent): boolean {
  return parts.every(({ object }) => shapeText(object.extent?.shape ?? null) === shapeText(shape));
}

/** Rows that are joined, or, of what is added or there once, as many as in each input. */
function judgeRows(target: MergeTarget, extent: Hdf5Extent): void {
  const { parts, rule, differences } = target;
  if (isScalar(extent)) return;
  const rows = rowsOf(extent);
  if (rule === 'join') {
    const expected = joinedRows(parts);
    target.missingRows = expected - rows;
    if (rows !== expected) {
      differences.add('rows', rows, expected);
      if (parts.length > 1 && parts.every(({ rowCount }) => rowCount === rows)) target.notes.push(ASKED_OTHERWISE);
    }
    return;
  }
  for (const part of parts) if (part.rowCount !== rows) differences.add(`rows${fromInput(target, part)}`, rows, part.rowCount);
}

const ASKED_OTHERWISE = 'it has as many rows as each input: if it was to be added or kept once, say so with --sum or --once';
