/**
 * Class plans: a streamer info turned into the steps of a walk. Neighbouring members of fixed width become one
 * step (a run), so a walk makes one node for them. Step i of a plan gives child i of the object node.
 * Source: ROOT io/io/src/TStreamerInfoReadBuffer.cxx (what each type code reads).
 */
import { CorruptFileError } from '../../../errors.ts';
import type { StreamerElement, StreamerInfo } from './streamer-info.ts';
import { spanShape } from './span-shape.ts';
import type { Field, SpanShape } from './span-shape.ts';
import { OFFSET_L, OFFSET_P, TypeCode } from './type-codes.ts';
import { isStdString, parseTypeName } from './type-name.ts';

/** What a step reads. */
type StepKind =
  | 'run'
  | 'tstring'
  | 'base'
  /** Object(s) by value. */
  | 'class'
  /** Tagged pointer(s). */
  | 'pointer'
  /** Flag byte, then as many values as a counter says. */
  | 'array'
  /** Frame, then collection(s) or std::string. */
  | 'stl'
  /** Frame, then as many objects as a counter says. */
  | 'loop'
  /** Frame, then strings, TObjects or TNameds: a fixed array of them. */
  | 'framed-array'
  /** i32 length, then characters. */
  | 'char-star'
  /** u32 TObject bits, which may be followed by a process-id index. */
  | 'bits'
  /** A frame whose content only the class's own code knows. */
  | 'custom'
  /** A type code no rule is known for. */
  | 'unknown';

/** One step of a walk. */
export interface Step {
  kind: StepKind;
  name: string;
  /** Class (base, class, pointer, loop) or whole type name (stl); empty for basic types. */
  className: string;
  /** Bytes of a run, 0 for other steps. */
  size: number;
  fields: Field[];
  /** Type code (without array offset). */
  type: number;
  /** Values or objects in a fixed array; 1 for a single one. */
  count: number;
  /** Bytes of one value (array steps). */
  width: number;
  /** Counter member (array, loop). */
  countName: string;
  /** Base-class version (base steps). */
  baseVersion: number;
  /** Value type code of a collection as the file says (fCtype). */
  cType: number;
  /** Loop over pointers instead of objects. */
  ofPointers: boolean;
  /** Shape of the raw nodes this step makes (run, tstring, array, bits, char-star). */
  shape: SpanShape;
}

/** Where a member of a class is found: the step, and the field if the step is a run. */
interface MemberSlot {
  step: number;
  field: Field | null;
}

/** The compiled layout of one version of one class. */
export interface ClassPlan {
  className: string;
  version: number;
  checksum: number;
  steps: Step[];
  /** Own members by name; members of base classes are found through `bases`. */
  members: Map<string, MemberSlot>;
  /** Indices of the steps that read base classes. */
  bases: number[];
}

const ARRAY_CLASSES: ReadonlySet<string> = new Set(['TArrayC', 'TArrayS', 'TArrayI', 'TArrayL', 'TArrayL64', 'TArrayF', 'TArrayD']);

/** Turns a streamer info into the steps of a walk. */
export function compilePlan(info: StreamerInfo): ClassPlan {
  const plan: ClassPlan = {
    className: info.className,
    version: info.classVersion,
    checksum: info.checksum,
    steps: [],
    members: new Map(),
    bases: [],
  };
  for (const element of info.elements) addElement(plan, element);
  for (const step of plan.steps) step.shape = shapeOf(step);
  return plan;
}

function shapeOf(step: Step): SpanShape {
  const { kind, name, type, width, countName, fields } = step;
  if (kind === 'run') return spanShape({ fields });
  if (kind === 'array') return spanShape({ name, type, width, countName, flagged: true });
  return spanShape({ name, type, className: kind === 'tstring' ? 'TString' : '' });
}

function addElement(plan: ClassPlan, element: StreamerElement): void {
  const array = element.type > OFFSET_L && element.type < OFFSET_P;
  const type = array ? element.type - OFFSET_L : element.type;
  if (element.storedSize > 0 && type > 0 && type < OFFSET_L && type !== TypeCode.bits) {
    addField(plan, { name: element.name, offset: 0, type, count: array ? Math.max(1, element.arrayLength) : 1, width: element.storedSize });
    return;
  }
  const step = makeStep(element);
  if (step.kind === 'base') plan.bases.push(plan.steps.length);
  plan.members.set(element.name, { step: plan.steps.length, field: null });
  plan.steps.push(step);
}

function addField(plan: ClassPlan, field: Field): void {
  let run = plan.steps.at(-1);
  if (run?.kind !== 'run') {
    run = emptyStep('run', '');
    plan.steps.push(run);
  }
  field.offset = run.size;
  run.size += field.count * field.width;
  run.fields.push(field);
  plan.members.set(field.name, { step: plan.steps.length - 1, field });
}

const NO_SHAPE = spanShape({});

function emptyStep(kind: StepKind, name: string): Step {
  return {
    kind,
    name,
    className: '',
    size: 0,
    fields: [],
    type: 0,
    count: 1,
    width: 0,
    countName: '',
    baseVersion: 0,
    cType: 0,
    ofPointers: false,
    shape: NO_SHAPE,
  };
}

/** Steps that follow from the type code alone. */
const KINDS: ReadonlyMap<number, StepKind> = new Map<number, StepKind>([
  [TypeCode.object, 'class'],
  [TypeCode.any, 'class'],
  [TypeCode.objectp, 'class'],
  [TypeCode.anyp, 'class'],
  [TypeCode.objectP, 'pointer'],
  [TypeCode.anyP, 'pointer'],
  [TypeCode.anyPnoVT, 'pointer'],
  [TypeCode.bits, 'bits'],
  [TypeCode.charStar, 'char-star'],
]);

function makeStep(element: StreamerElement): Step {
  const step = emptyStep('unknown', element.name);
  const { type } = element;
  if (type > OFFSET_P && type < OFFSET_P + OFFSET_L) return arrayStep(step, element);
  const fixed = isFixedArray(type);
  step.type = fixed ? type - OFFSET_L : type;
  step.count = objectCount(element);
  step.className = parseTypeName(element.typeName).text;
  switch (step.type) {
    case TypeCode.base:
      return baseStep(step, element);
    case TypeCode.tobject:
      return rootStep(step, element, 'TObject', fixed ? 'framed-array' : 'class');
    case TypeCode.tnamed:
      return rootStep(step, element, 'TNamed', fixed ? 'framed-array' : 'class');
    case TypeCode.tstring:
      return rootStep(step, element, 'TString', fixed ? 'framed-array' : 'tstring');
    case TypeCode.stl:
    case TypeCode.stlp:
    case TypeCode.stlString:
    case TypeCode.streamer:
      return collectionStep(step, element);
    case TypeCode.streamLoop:
      return loopStep(step, element);
    default:
      step.kind = KINDS.get(step.type) ?? 'unknown';
      return step;
  }
}

/** TObject, TNamed or TString, which have type codes of their own; the former two also as base classes. */
function rootStep(step: Step, element: StreamerElement, className: string, kind: StepKind): Step {
  if (element.elementClass === 'TStreamerBase' && className !== 'TString') return baseStep(step, element);
  step.className = className;
  step.kind = kind;
  return step;
}

function loopStep(step: Step, element: StreamerElement): Step {
  step.kind = 'loop';
  step.countName = element.countName;
  step.ofPointers = element.typeName.includes('**');
  return step;
}

/** Most objects in an array that is a member: a larger number is no class's, but a damaged streamer info. */
const MAX_OBJECTS = 1_000_000;

function objectCount({ name, arrayLength }: StreamerElement): number {
  if (arrayLength > MAX_OBJECTS) {
    throw new CorruptFileError(`streamer info: member ${name} is an array of too many objects`, {
      expected: `at most ${MAX_OBJECTS}`,
      found: arrayLength,
    });
  }
  return Math.max(1, arrayLength);
}

function isFixedArray(type: number): boolean {
  const plain = type - OFFSET_L;
  return (
    (plain >= TypeCode.object && plain <= TypeCode.anyPnoVT) ||
    plain === TypeCode.stl ||
    plain === TypeCode.stlp ||
    plain === TypeCode.streamLoop ||
    plain === TypeCode.stlString ||
    plain === TypeCode.streamer
  );
}

function arrayStep(step: Step, element: StreamerElement): Step {
  step.kind = 'array';
  step.type = element.type - OFFSET_P;
  step.count = Math.max(1, element.arrayLength);
  step.width = element.storedSize;
  step.countName = element.countName;
  return step;
}

/** A base class by its name; a collection as base class is framed like a member. */
function baseStep(step: Step, element: StreamerElement): Step {
  step.kind = 'base';
  step.count = 1;
  step.className = element.name;
  step.baseVersion = element.baseVersion;
  if (ARRAY_CLASSES.has(element.name)) step.baseVersion = 0;
  return step;
}

function collectionStep(step: Step, element: StreamerElement): Step {
  const collection =
    element.elementClass === 'TStreamerSTL' ||
    element.elementClass === 'TStreamerSTLstring' ||
    element.stlType > 0 ||
    isStdString(parseTypeName(element.typeName).template);
  step.kind = collection ? 'stl' : 'custom';
  step.cType = element.cType;
  if (element.elementClass === 'TStreamerSTLstring') step.className = 'string';
  return step;
}
