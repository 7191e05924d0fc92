/** Holds a written HDF5 file against what was planned. */
import { VerificationError } from '../../errors.ts';
import { openHdf5, type Hdf5File } from '../../io/hdf5/hdf5-file.ts';
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { attributeDigest } from '../../io/hdf5/list-objects.ts';
import { KNOWN_FILTERS, isScalar, rowsOf, typeText } from '../../io/hdf5/hdf5-types.ts';
import { readStoredTypes } from '../../io/hdf5/stored-types.ts';
import type { VerifyLevel } from '../policy.ts';
import type { Progress } from '../progress.ts';
import { isDataset, rowCountOf, type DatasetPlan, type ObjectPlan } from './object-plan.ts';
import type { Hdf5Output } from './write-rows.ts';
import { encodeRowCount } from './row-counts.ts';

/**
 * Opens the output and compares all objects, types, extents, links and attributes with the plan, and the values of what was kept;
 * `full` reads every row of inputs and output, too.
 * @returns number of objects held against the plan, and of parts of datasets that were read as a whole
 * @throws VerificationError
 */
export async function verifyOutput(
  path: string,
  { objects }: Hdf5Output,
  level: VerifyLevel,
  progress: Progress,
): Promise<{ records: number; objects: number }> {
  const file = await openHdf5(path);
  try {
    const found = new Map(file.objects().map((object) => [object.path, object]));
    const types = readStoredTypes(path, [...found.values()]);
    if (found.size !== objects.length) {
      throw new VerificationError('number of objects differs from the plan', { planned: objects.length, found: found.size });
    }
    let read = 0;
    for (const object of objects) {
      expectObject(object, found.get(object.path), types.get(object.path));
      if (isDataset(object) && isReadWhole(object, level)) {
        read += await expectRows(file, object, found.get(object.path)?.extent ?? object.extent);
      }
      await progress.step();
    }
    return { records: objects.length, objects: read };
  } finally {
    file.close();
  }
}

/** True for datasets whose values are held against those of the inputs: scalars always, rows when asked for, sums never. */
function isReadWhole(dataset: DatasetPlan, level: VerifyLevel): boolean {
  return dataset.rule !== 'sum' && (level === 'full' || isScalar(dataset.extent)) && isReadable(dataset);
}

/** What only one input has may be compressed by anything: it was copied as stored. */
function isReadable({ parts, first }: DatasetPlan): boolean {
  return parts.length > 1 || first.object.filters.every(({ id }) => KNOWN_FILTERS.includes(id));
}

/** @param type the type of its elements as it is stored */
function expectObject(plan: ObjectPlan, found: Hdf5Object | undefined, type: string | undefined): void {
  const { path, first } = plan;
  const expectEqual = (what: string, planned: string | number, is: string | number | undefined): void => {
    if (planned !== is) throw new VerificationError(`${what} differs from the plan`, { objectPath: path, planned, found: is ?? 'nothing' });
  };
  expectEqual('kind', plan.kind, found?.kind);
  expectEqual('the object it is another name of', first.object.aliasOf ?? '', found?.aliasOf ?? '');
  expectEqual('target of the link', first.object.target, found?.target);
  const count = plan.parts.length > 1 && isDataset(plan) ? rowCountOf(plan) : undefined;
  for (const [name, { digest, extent }] of first.object.attributes) {
    const isCount = isDataset(plan) && name === count?.name;
    const planned = isCount ? attributeDigest(extent, encodeRowCount(count, plan.rowCount)) : digest;
    expectEqual(`attribute ${name}`, planned, found?.attributes.get(name)?.digest);
  }
  if (!isDataset(plan) || found?.extent === undefined) return;
  expectEqual('type', typeText(plan.extent), typeText(found.extent));
  expectEqual('stored type', first.input.types.get(path) ?? '', type ?? '');
  if (isScalar(plan.extent)) return;
  expectEqual('number of rows', plan.rowCount, rowsOf(found.extent));
  expectEqual('shape of a row', (plan.extent.shape ?? []).slice(1).join(), (found.extent.shape ?? []).slice(1).join());
}

/** Compares the values part by part; of what is kept once only those of the first input. */
async function expectRows(file: Hdf5File, { path, parts, first, rule }: DatasetPlan, extent: DatasetPlan['extent']): Promise<number> {
  let firstRow = 0;
  const read = rule === 'concat' ? parts : [first];
  for (const { input, object } of read) {
    const own = object.extent ?? extent;
    const range = isScalar(own) ? undefined : { firstRow, rowCount: rowsOf(own) };
    const planned = await input.withFile((source) => source.digest(path, own));
    const found = file.digest(path, extent, range);
    if (planned !== found) {
      throw new VerificationError(`values from row ${firstRow} on are not those of ${input.path}`, { objectPath: path, planned, found });
    }
    firstRow += rowsOf(own);
  }
  return read.length;
}
