/** Value types of STL collections, by their C++ names. */
import { compilePlan } from './class-plan.ts';
import type { ClassPlan } from './class-plan.ts';
import { NO_OWN_MEMBERS, type StreamerElement } from './streamer-info.ts';
import { TypeCode, basicSize, basicTypeOf } from './type-codes.ts';
import { isMap, isSequence, isStdString, parseTypeName } from './type-name.ts';

/** How one value of a collection is stored. */
type ValueKind = 'basic' | 'string' | 'pointer' | 'class' | 'sequence' | 'map';

/** The value type of a collection, or a collection itself. */
export interface ValueType {
  kind: ValueKind;
  /** Type name without pointer star. */
  className: string;
  /** Basic type code and bytes per value. */
  type: number;
  width: number;
  /** Value types inside a collection: one, or key and value of a map. */
  inner: ValueType[];
}

const valueTypes = new Map<string, ValueType>();

/** The value type of that name; parsed once. */
export function valueTypeOf(typeName: string): ValueType {
  let known = valueTypes.get(typeName);
  if (known === undefined) {
    known = makeValueType(typeName);
    valueTypes.set(typeName, known);
  }
  return known;
}

function makeValueType(typeName: string): ValueType {
  const { text, template, args, pointer } = parseTypeName(typeName);
  const type = basicTypeOf(text);
  const value: ValueType = { kind: 'class', className: text, type, width: basicSize(type), inner: [] };
  if (pointer) value.kind = 'pointer';
  else if (type > 0) value.kind = 'basic';
  else if (isStdString(template)) value.kind = 'string';
  else if (template === 'bitset') {
    value.kind = 'sequence';
    value.inner = [valueTypeOf('bool')];
  } else if (isSequence(template) && args.length > 0) {
    value.kind = 'sequence';
    value.inner = [valueTypeOf(args[0] as string)];
  } else if (isMap(template) && args.length > 1) {
    value.kind = 'map';
    value.inner = [valueTypeOf(args[0] as string), valueTypeOf(args[1] as string)];
  }
  return value;
}

/** A pair's layout follows from its type: files need not describe it. Null if `className` is no pair. */
export function pairPlan(className: string): ClassPlan | null {
  const { template, args } = parseTypeName(className);
  const [first, second] = args;
  if (template !== 'pair' || first === undefined || second === undefined) return null;
  return compilePlan({ className, classVersion: 0, checksum: 0, elements: [pairElement('first', first), pairElement('second', second)] });
}

function pairElement(name: string, typeName: string): StreamerElement {
  const value = valueTypeOf(typeName);
  const element: StreamerElement = {
    ...NO_OWN_MEMBERS,
    elementClass: 'TStreamerObjectAny',
    name,
    title: '',
    type: TypeCode.any,
    size: 0,
    arrayLength: 0,
    arrayDim: 0,
    maxIndex: [],
    typeName,
    storedSize: 0,
  };
  if (value.kind === 'basic') Object.assign(element, { elementClass: 'TStreamerBasicType', type: value.type, storedSize: value.width });
  else if (value.kind === 'pointer') Object.assign(element, { elementClass: 'TStreamerObjectPointer', type: TypeCode.objectP });
  else if (value.kind === 'string') Object.assign(element, { elementClass: 'TStreamerSTLstring', type: TypeCode.stlString });
  else if (value.kind !== 'class') Object.assign(element, { elementClass: 'TStreamerSTL', type: TypeCode.stl });
  else if (typeName === 'TString') Object.assign(element, { elementClass: 'TStreamerString', type: TypeCode.tstring });
  return element;
}
