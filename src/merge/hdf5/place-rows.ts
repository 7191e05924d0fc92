/** How each dataset of the output gets its rows: the output begins as a copy of the first input, whose datasets are extended. */
import { UnsupportedError } from '../../errors.ts';
import { openSource } from '../../io/bytes/source.ts';
import { hasUnusualNumbers } from '../../io/hdf5/datatype-text.ts';
import { creationProblem, isLossy, isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import { planExtension } from '../../io/hdf5/extend-dataset.ts';
import type { Patch } from '../../io/hdf5/object-header.ts';
import { superblockPosition } from '../../io/hdf5/superblock.ts';
import type { Hdf5Input } from './hdf5-input.ts';
import { isDataset, refuse, type DatasetPlan, type ObjectPlan, type ObjectsPlan } from './object-plan.ts';

/**
 * stay: it is in the copy as it should be; resize: the library makes it longer; patch: its header is patched, its old rows stay;
 * rewrite: its header is patched, all rows are written; create: the first input does not have it.
 */
export type Placement = 'stay' | 'resize' | 'patch' | 'rewrite' | 'create';

/** Placements by path, and the bytes to be written over the copy. */
export interface RowPlacement {
  placements: Map<string, Placement>;
  patches: Patch[];
}

/** Plans the placement of all objects; what cannot be placed becomes a conflict. */
export function placeRows(plan: ObjectsPlan, base: Hdf5Input): RowPlacement {
  const placement: RowPlacement = { placements: new Map(), patches: [] };
  const source = openSource(base.path);
  try {
    const basePosition = superblockPosition(source);
    for (const object of plan.objects) {
      if (object.isRefused) continue;
      try {
        placement.placements.set(
          object.path,
          placeObject(object, base, (dataset) => {
            const { keepsRows, patches } = planExtension({ source, basePosition, address: dataset.first.object.address }, dataset.rowCount);
            placement.patches.push(...patches);
            return keepsRows ? 'patch' : 'rewrite';
          }),
        );
      } catch (err) {
        if (!(err instanceof UnsupportedError)) throw err;
        refuse(plan, object, { code: 'unsupported', reason: `no rows can be added: ${err.reason}` });
      }
    }
  } finally {
    source.close();
  }
  return placement;
}

function placeObject(object: ObjectPlan, base: Hdf5Input, extend: (dataset: DatasetPlan) => Placement): Placement {
  const { first, rule } = object;
  if (first.input !== base) return placeNew(object);
  if (!isDataset(object) || first.object.aliasOf !== undefined) return 'stay';
  const isChanged = rule === 'sum' ? object.parts.length > 1 : rule === 'concat' && object.rowCount !== rowsOf(object.extent);
  if (isChanged && first.object.filters.some(isLossy)) {
    throw new UnsupportedError('its filter scaleoffset rounds values, and would round what is joined again; h5repack -f NONE takes it off');
  }
  if (rule === 'sum' || !isChanged) return 'stay';
  return (object.extent.maxshape?.[0] ?? 0) >= object.rowCount ? 'resize' : extend(object);
}

function cannotMake(what: string): UnsupportedError {
  return new UnsupportedError(`the first input does not have it, and h5wasm cannot make ${what}`);
}

/** @throws UnsupportedError for what h5wasm cannot make */
function placeNew(object: ObjectPlan): Placement {
  const { kind, first } = object;
  if (first.object.aliasOf !== undefined) throw cannotMake('a second name of an object');
  if (kind === 'datatype' || kind === 'external link') throw cannotMake(`a ${kind}`);
  const extents = [...(isDataset(object) ? [object.extent] : []), ...[...first.object.attributes.values()].map(({ extent }) => extent)];
  if (isDataset(object) && object.extent.virtual_sources !== undefined) throw cannotMake('a virtual dataset');
  const problem = extents
    .map((extent) => (extent.shape === null ? 'a dataset without value' : creationProblem(extent)))
    .find((each) => each !== undefined);
  if (problem !== undefined) throw cannotMake(problem);
  const stored = first.input.types.get(object.path);
  if (stored !== undefined && hasUnusualNumbers(stored)) throw cannotMake(stored);
  return 'create';
}

/** True when rows of an input must be written. */
export function isWritten(placement: Placement | undefined, isBase: boolean): boolean {
  return placement === 'rewrite' || placement === 'create' || ((placement === 'resize' || placement === 'patch') && !isBase);
}

/**
 * True when rows of the first input stay where they are, and others are written behind them: what is wrong with them is found when they are
 * read, like that of other inputs.
 */
export function isChecked(placement: Placement | undefined, isBase: boolean): boolean {
  return isBase && (placement === 'resize' || placement === 'patch');
}

/** True for a dataset that has no rows but is made anew. */
export function isNewScalar(dataset: DatasetPlan, placement: Placement | undefined): boolean {
  return placement === 'create' && isScalar(dataset.extent);
}
