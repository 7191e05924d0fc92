/** Attributes of an object in two files. */
import type { Hdf5File } from '../../io/hdf5/hdf5-file.ts';
import type { Hdf5Attribute, Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { hasReferences, typeText } from '../../io/hdf5/hdf5-types.ts';
import { areCellsEqual, type Cell } from '../table/cells.ts';
import type { Tolerance } from '../object/tolerance.ts';
import type { Hdf5Side } from './hdf5-side.ts';
import { PLAIN_NUMBERS, leavesOf } from './leaves.ts';

/** An object in an open file. */
export interface OpenObject {
  side: Hdf5Side;
  file: Hdf5File;
  object: Hdf5Object;
}

/** Something in which attributes differ. */
export interface AttributeDifference {
  /** Name of the attribute. */
  name: string;
  /** `@name`, with the element or member that differs; what it is that differs. */
  at: string;
  left: Cell;
  right: Cell;
}

/** All differences of the attributes of two objects. */
export function attributeDifferences(left: OpenObject, right: OpenObject, tolerance: Tolerance): AttributeDifference[] {
  const [a, b] = [left.object.attributes, right.object.attributes];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((name) => {
    const [x, y] = [a.get(name), b.get(name)];
    if (x === undefined || y === undefined) {
      return [{ name, at: `@${name}`, left: x === undefined ? 'absent' : 'present', right: y === undefined ? 'absent' : 'present' }];
    }
    return oneAttribute(name, { ...left, attribute: x }, { ...right, attribute: y }, tolerance);
  });
}

interface OpenAttribute extends OpenObject {
  attribute: Hdf5Attribute;
}

function oneAttribute(name: string, left: OpenAttribute, right: OpenAttribute, tolerance: Tolerance): AttributeDifference[] {
  const [a, b] = [left.attribute, right.attribute];
  if (a.digest === b.digest && !hasReferences(a.extent)) return [];
  const at = `@${name}`;
  const found = (what: string, x: Cell, y: Cell): AttributeDifference[] =>
    x === y ? [] : [{ name, at: `${at} (${what})`, left: x, right: y }];
  const differing = [
    ...found('type', typeText(a.extent), typeText(b.extent)),
    ...found('shape', shapeText(a.extent.shape), shapeText(b.extent.shape)),
  ];
  if (differing.length > 0) return differing;
  const values = [left, right].map((each) => attributeValues(name, each));
  const [xs, ys] = values as [AttributeValue[], AttributeValue[]];
  return xs.flatMap(({ at: place, value, width }, i) => {
    const other = ys[i]?.value ?? null;
    return areCellsEqual(value, other, width, tolerance) ? [] : [{ name, at: at + place, left: value, right: other }];
  });
}

/** A shape as it is shown. */
export function shapeText(shape: readonly number[] | null): string {
  return shape === null ? 'no value' : `[${shape.join(', ')}]`;
}

/** A value in an attribute. */
export interface AttributeValue {
  /** Name of the member, empty where there are none. */
  member: string;
  /** Element and member as text: `[3].a`. */
  at: string;
  value: Cell;
  width: number;
}

/** All values of an attribute, element by element. */
export function attributeValues(name: string, { side, file, object, attribute }: OpenAttribute): AttributeValue[] {
  const { extent } = attribute;
  const leaves = leavesOf(extent, PLAIN_NUMBERS, side.nameOf);
  return file.withAttribute(object.path, name, extent, (at) => {
    const memory = new DataView(file.library.HEAPU8.buffer);
    return Array.from({ length: extent.total_size }, (_, i) =>
      leaves.map((leaf) => ({
        member: leaf.name,
        at: `${extent.total_size === 1 ? '' : `[${i}]`}${leaf.name === '' ? '' : `.${leaf.name}`}`,
        value: leaf.read(memory, at + i * extent.size + leaf.offset),
        width: leaf.width,
      })),
    ).flat();
  });
}
