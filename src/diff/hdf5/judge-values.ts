/** Attributes and values of a merged file, held against those of one input after the other. */
import { elementsOfRow } from '../../io/hdf5/hdf5-file.ts';
import { isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import type { DiffRun } from '../diff-run.ts';
import { DOUBLE_STEP, FLOAT_STEP, isNear } from '../histogram/rounding.ts';
import { areCellsEqual, ValueTally, type Cell } from '../table/cells.ts';
import { spansWithin } from '../table/row-spans.ts';
import { attributeDifferences, attributeValues, type OpenObject } from './compare-attributes.ts';
import type { DescribedDataset } from './compare-datasets.ts';
import { ElementPlaces, compareRows, leavesIn } from './compare-rows.ts';
import { userBlockText, type Hdf5Side } from './hdf5-side.ts';
import { datasetOf, fromInput } from './judge-description.ts';
import { joinedRows, type AskedRules, type MergePart, type MergeTarget } from './merge-targets.ts';

/** What targets are judged with. */
export interface ValueJudgement {
  outSide: Hdf5Side;
  asked: AskedRules;
  run: DiffRun;
}

/** Holds the attributes of an object against those of an input. What only a later input has is lost, unless that was asked for. */
export async function judgeAttributes(target: MergeTarget, part: MergePart, { outSide, asked }: ValueJudgement): Promise<void> {
  const { out, parts, differences } = target;
  if (out === undefined || out.aliasOf !== undefined || part.object.aliasOf !== undefined) return;
  const merged: OpenObject = { side: outSide, file: await outSide.open(), object: out };
  const own: OpenObject = { side: part.input.side, file: await part.input.side.open(), object: part.object };
  const isFirst = part === parts[0];
  if (target.path === '/') judgeUserBlock(target, part, { outSide, asked });
  const count = parts.length > 1 && target.rule === 'join' ? target.rowCount : undefined;
  if (isFirst && count !== undefined) judgeRowCount(target, merged, count.name, count.valueOf(joinedRows(parts)));
  const isCount = (name: string): boolean => name === count?.name && part.input.conventions.rowCounts.get(target.path)?.name === name;
  for (const { name, at, left, right } of attributeDifferences(merged, own, {})) {
    if (isCount(name) || (!isFirst && target.wrong.has(name))) continue;
    if (isFirst) {
      target.wrong.add(name);
      differences.add(at, left, right);
    } else if (asked.keepsFirst) target.notes.push(`${at} is another in ${part.input.side.path}`);
    else {
      differences.add(at + fromInput(target, part), left, right);
      target.lossCount++;
    }
  }
}

/** What stands ahead of the HDF5 file is that of the first input; nothing in another one is no loss. */
function judgeUserBlock(target: MergeTarget, part: MergePart, { outSide, asked }: Pick<ValueJudgement, 'outSide' | 'asked'>): void {
  const { side } = part.input;
  const isFirst = part === target.parts[0];
  if (side.userBlock === outSide.userBlock || (!isFirst && (side.userBlock === '' || target.wrong.has(USER_BLOCK)))) return;
  if (!isFirst && asked.keepsFirst) return void target.notes.push(`${USER_BLOCK} is another in ${side.path}`);
  target.differences.add(isFirst ? USER_BLOCK : USER_BLOCK + fromInput(target, part), userBlockText(outSide), userBlockText(side));
  if (isFirst) target.wrong.add(USER_BLOCK);
  else target.lossCount++;
}

const USER_BLOCK = 'user block';

function judgeRowCount({ differences }: MergeTarget, merged: OpenObject, name: string, expected: Cell): void {
  const attribute = merged.object.attributes.get(name);
  const found = attribute === undefined ? 'absent' : (attributeValues(name, { ...merged, attribute })[0]?.value ?? null);
  const value = typeof found === 'string' ? found.replace(/\0.*$/s, '') : found;
  if (!areCellsEqual(value, expected, 0, {})) differences.add(`@${name}`, value, expected);
}

/** Holds values against those of an input: its rows at their place, or all values where these are there once. Sums are worked out elsewhere. */
export async function judgePart(target: MergeTarget, part: MergePart, { outSide, asked, run }: ValueJudgement): Promise<void> {
  if (!target.areValuesCompared || target.rule === 'sum' || target.out === undefined) return;
  const [merged, own] = [datasetOf(outSide, target.out), datasetOf(part.input.side, part.object)];
  if (merged === undefined || own === undefined) return;
  const turn = (): Promise<void> => run.turn();
  if (target.rule === 'join') {
    const count = Math.min(part.rowCount, Math.max(0, rowsOf(merged.extent) - part.firstRow));
    const before = target.tally.differing;
    await compareRows(merged, own, spansWithin({ left: part.firstRow, right: 0, count }, run.ranges), target.tally, turn);
    const differing = target.tally.differing - before;
    if (differing > 0 && target.parts.length > 1) {
      target.notes.push(`${differing} of them in rows ${part.firstRow} to ${part.firstRow + count - 1}, of ${own.side.path}`);
    }
    return;
  }
  if (target.wrong.has('value')) return;
  const found = run.differences(own.path);
  const tally = new ValueTally(found, run.tolerance);
  await compareRows(merged, own, spansWithin({ left: 0, right: 0, count: part.rowCount }, run.ranges), tally, turn);
  if (found.count === 0) return;
  const isFirst = part === target.parts[0];
  if (!isFirst && target.rule === 'keep' && asked.keepsFirst) return void target.notes.push(`value is another in ${own.side.path}`);
  if (isFirst) target.wrong.add('value');
  else {
    target.lossCount += found.count;
    for (const each of found.first) each.at += fromInput(target, part);
  }
  target.differences.addAll(found, '');
  target.notes.push(...tally.notes(), ...(target.because === '' ? [] : [`it must be equal in all inputs: ${target.because}`]));
}

/** Holds a dataset against the sum of those of the inputs, piece by piece: integers exactly, reals to the rounding of their type. */
export async function judgeSum({ out, parts, tally, differences }: MergeTarget, { outSide, run }: ValueJudgement): Promise<void> {
  const merged = out && datasetOf(outSide, out);
  if (merged === undefined) return;
  const [leaf, ...others] = leavesIn(merged);
  if (leaf === undefined || others.length > 0 || leaf.name !== '' || leaf.family !== 'number') {
    return differences.add('type', 'no numbers that can be added', 'numbers');
  }
  const step = Math.max(1, Math.floor(PIECE_ELEMENTS / Math.max(1, elementsOfRow(merged.extent))));
  const count = isScalar(merged.extent) ? 1 : rowsOf(merged.extent);
  for (const span of spansWithin({ left: 0, right: 0, count }, isScalar(merged.extent) ? undefined : run.ranges)) {
    for (let row = span.left; row < span.left + span.count; row += step) {
      const rows = { firstRow: row, rowCount: Math.min(step, span.left + span.count - row) };
      const found = await elementsOf(merged, rows);
      const terms: Cell[][] = [];
      for (const { input, object } of parts) {
        const own = datasetOf(input.side, object);
        if (own !== undefined) terms.push(await elementsOf(own, rows));
      }
      const places = new ElementPlaces(merged.extent, row);
      for (const [i, value] of found.entries()) {
        const { sum, rounding } = sumOf(
          terms.map((each) => each[i] ?? 0),
          leaf.width,
        );
        if (isSum(value, sum, rounding)) tally.addEqual(1);
        else tally.compare(() => places.at('', i), value, sum, leaf.width);
      }
      await run.turn();
    }
  }
}

/** Elements whose sums are worked out at once. */
const PIECE_ELEMENTS = 65_536;

async function elementsOf(dataset: DescribedDataset, rows: { firstRow: number; rowCount: number }): Promise<Cell[]> {
  const file = await dataset.side.open();
  const { path, extent } = dataset;
  const [leaf] = leavesIn(dataset);
  const cells: Cell[] = [];
  const perRow = elementsOfRow(extent);
  const read = (at: number, _: number, count: number): void => {
    const memory = new DataView(file.library.HEAPU8.buffer);
    for (let i = 0; i < count * perRow; i++) cells.push(leaf?.read(memory, at + i * extent.size) ?? null);
  };
  file.eachSlice(path, extent, read, isScalar(extent) ? undefined : rows);
  return cells;
}

/** The sum of numbers, exact for integers, and how far another order of adding may lead from it. */
function sumOf(terms: readonly Cell[], width: number): { sum: number | bigint; rounding: number } {
  if (terms.every((term) => typeof term === 'bigint')) return { sum: terms.reduce((sum, term) => sum + term, 0n), rounding: 0 };
  const numbers = terms.map(Number);
  const size = numbers.reduce((sum, term) => sum + Math.abs(term), 0);
  const step = width === 0 ? 0 : width === 4 ? FLOAT_STEP : DOUBLE_STEP;
  return { sum: numbers.reduce((sum, term) => sum + term, 0), rounding: size * step * (terms.length + 1) };
}

function isSum(found: Cell, sum: number | bigint, rounding: number): boolean {
  return typeof found === 'number' && typeof sum === 'number' ? isNear(found, sum, rounding) : found === sum;
}
