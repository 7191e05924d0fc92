/** What schemas say of a column in two files, and whether its values can be compared. */
import type { ArrowField } from '../../io/arrow/schema.ts';

/** What differs: `type`, `b.nullable`, `@key` of metadata. */
export interface FieldDifference {
  at: string;
  left: string;
  right: string;
}

/** What a report calls a column: the type of its values. */
export function classOf({ type, dictionary, children }: ArrowField): string {
  const inside = children.length === 0 ? '' : `<${children.map((child) => `${child.name}: ${classOf(child)}`).join(', ')}>`;
  return dictionary === undefined ? type + inside : `dictionary of ${type}${inside}`;
}

/** Type of a column to the last detail, without children. */
function typeText({ type, dictionary }: ArrowField): string {
  return dictionary === undefined
    ? type
    : `dictionary of ${type} with indices ${dictionary.indexType}${dictionary.isOrdered ? ', ordered' : ''}`;
}

/** Parameters of extension types stand in metadata (Arrow columnar format, "Extension Types"). */
const EXTENSION = 'ARROW:extension:';

/** All differences of a column, those of its children below their names. Of metadata only what says what values are, unless all are asked for. */
export function fieldDifferences(left: ArrowField, right: ArrowField, withMetadata: boolean, below = ''): FieldDifference[] {
  const found: FieldDifference[] = [];
  const expectEqual = (what: string, a: string, b: string): void => {
    if (a !== b) found.push({ at: below + what, left: a, right: b });
  };
  expectEqual('type', typeText(left), typeText(right));
  expectEqual('nullable', String(left.isNullable), String(right.isNullable));
  for (const each of metadataDifferences(left.metadata, right.metadata)) {
    if (withMetadata || each.at.startsWith(`@${EXTENSION}`)) found.push({ ...each, at: below + each.at });
  }
  const names = ({ children }: ArrowField): string => children.map(({ name }) => name).join(', ');
  expectEqual('children', names(left), names(right));
  if (names(left) !== names(right)) return found;
  return [
    ...found,
    ...left.children.flatMap((child, i) => fieldDifferences(child, right.children[i] ?? child, withMetadata, `${below}${child.name}.`)),
  ];
}

/** Key-value metadata that differ, as `@key`. */
export function metadataDifferences(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): FieldDifference[] {
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => {
    const [a, b] = [left.get(key), right.get(key)];
    return a === b ? [] : [{ at: `@${key}`, left: a ?? 'absent', right: b ?? 'absent' }];
  });
}

/** Types whose values are compared although the types differ. */
const FAMILIES: readonly (readonly string[])[] = [
  ['Int', 'FloatingPoint'],
  ['Utf8', 'LargeUtf8', 'Utf8View'],
  ['Binary', 'LargeBinary', 'BinaryView', 'FixedSizeBinary'],
  ['List', 'LargeList', 'ListView', 'LargeListView', 'FixedSizeList'],
];

/** True when values of two columns can be compared: of the same type, or of a similar one. */
export function areComparable(left: ArrowField, right: ArrowField): boolean {
  const family = FAMILIES.find((names) => names.includes(left.values.name));
  const isSimilar = left.type === right.type || family?.includes(right.values.name) === true;
  return (
    isSimilar &&
    left.children.length === right.children.length &&
    left.children.every((child, i) => areComparable(child, right.children[i] ?? child))
  );
}

/** Bytes of the reals a column holds, of lists of their elements; 0 for anything else. Units in the last place of halves are not counted. */
export function widthOf({ values, children }: ArrowField): number {
  if (values.name === 'FloatingPoint') return { '1': 4, '2': 8 }[values.parameters.get('precision') ?? ''] ?? 0;
  const [child, other] = children;
  if (values.name === 'RunEndEncoded') return other === undefined ? 0 : widthOf(other);
  return values.name.includes('List') && child !== undefined ? widthOf(child) : 0;
}
