/**
 * HDF5 files: the output begins as a copy of the first input, so that everything in it stays as it is (types, filters, attributes, links);
 * then the rows of the other inputs are written into its datasets.
 */
import type { FormatContext, FormatMerger, FormatPlan } from '../format-merger.ts';
import type { TargetReport } from '../report/report.ts';
import { elementsOfRow } from '../../io/hdf5/hdf5-file.ts';
import { isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import { openHdf5Input, type Hdf5Input } from './hdf5-input.ts';
import { classOf, isDataset, type DatasetPlan, type ObjectsPlan } from './object-plan.ts';
import { isChecked, isWritten, placeRows, type RowPlacement } from './place-rows.ts';
import { planObjects } from './plan-objects.ts';
import { verifyOutput } from './verify-objects.ts';
import type { WrittenBytes } from './write-parts.ts';
import { writeOutput } from './write-rows.ts';

/** Merges HDF5 files into one. */
export const hdf5Merger: FormatMerger<Hdf5Input> = {
  format: 'hdf5',
  unusable: ['compression', 'include', 'exclude', 'keepEqualCopies', 'timestamp', 'catalog', 'metadata', 'fid'],
  open: openHdf5Input,
  plan: planHdf5,
};

async function planHdf5(inputs: readonly Hdf5Input[], ctx: FormatContext): Promise<FormatPlan> {
  const plan = await planObjects(inputs, ctx);
  const [base] = inputs;
  const placement = base === undefined ? { placements: new Map(), patches: [] } : placeRows(plan, base);
  const datasets = plan.objects.filter(isDataset);
  const targets = datasets.map(targetOf);
  const output = { inputs, objects: plan.objects, placement };
  return {
    targets,
    directories: plan.objects.filter(({ kind }) => kind === 'group').length,
    conflicts: plan.conflicts,
    inputBytes: (base?.sizeBytes ?? 0) + readBytes(plan, placement, base),
    async execute(sink, progress) {
      const written = await writeOutput(sink, output, progress);
      for (const [i, target] of targets.entries()) setBytes(target, datasets[i], written);
    },
    verify: (path, level, progress) => verifyOutput(path, output, level, progress),
  };
}

function bytesOfRows({ extent }: DatasetPlan, rowCount: number): number {
  return rowCount * elementsOfRow(extent) * extent.size;
}

/** Bytes of rows that are read while the output is written. */
function readBytes({ objects }: ObjectsPlan, { placements }: RowPlacement, base: Hdf5Input | undefined): number {
  let bytes = 0;
  for (const object of objects.filter(isDataset)) {
    const how = placements.get(object.path);
    const parts = object.parts.filter(({ input }) =>
      object.rule === 'sum'
        ? input !== object.first.input
        : object.rule === 'concat' && (isWritten(how, input === base) || isChecked(how, input === base)),
    );
    for (const { object: part } of parts) bytes += bytesOfRows(object, part.extent === undefined ? 0 : rowsOf(part.extent));
  }
  return bytes;
}

function targetOf(object: DatasetPlan): TargetReport {
  const { path, parts, rule, isRefused, extent, rowCount } = object;
  const common = {
    path,
    className: classOf(object),
    inputs: parts.length,
    cycles: isRefused ? 0 : 1,
    ...(!isScalar(extent) && { entries: rowCount }),
  };
  if (isRefused) return { ...common, disposition: 'refuse', reason: 'conflict' };
  if (parts.length === 1) return { ...common, disposition: 'copy', reason: 'single-source' };
  if (rule === 'sum') return { ...common, disposition: 'add', reason: 'mergeable' };
  return rule === 'concat'
    ? { ...common, disposition: 'concat', reason: 'mergeable' }
    : { ...common, disposition: 'first', reason: 'equal-copies' };
}

function setBytes(target: TargetReport, object: DatasetPlan | undefined, written: WrittenBytes): void {
  if (object === undefined) return;
  target.bytesEncoded = written.get(object.path) ?? 0;
  target.bytesCopied = Math.max(0, bytesOfRows(object, isScalar(object.extent) ? 1 : object.rowCount) - target.bytesEncoded);
}
