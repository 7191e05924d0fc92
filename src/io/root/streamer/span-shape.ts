/** Shapes: what the raw nodes of one member have in common. */

/** A member of fixed width inside a run. */
export interface Field {
  name: string;
  /** Bytes from the start of the run. */
  offset: number;
  /** Basic type code, without the array offset. */
  type: number;
  /** Number of values: 1, or the length of a fixed array. */
  count: number;
  /** Bytes of one value. */
  width: number;
}

/** What raw nodes of one member have in common: shared between them, so that a node itself is small. */
export interface SpanShape {
  readonly kind: 'raw' | 'opaque';
  /** Member name; empty for a run of members, whose names are in `fields`. */
  readonly name: string;
  /** Class or type name where the bytes are a whole object (`TString`, `TObject`, `TBasket`), else empty. */
  readonly className: string;
  /** Type code of the values (type-codes.ts); 0 for bytes of mixed type. */
  readonly type: number;
  /** Bytes of one value of an array whose type has several widths; 0 elsewhere. */
  readonly width: number;
  /** Member that counts the values of an array, else empty. */
  readonly countName: string;
  /** True for a counted array: a flag byte stands in front of the values. */
  readonly flagged: boolean;
  /** Members inside a run, in order; null for other nodes. */
  readonly fields: readonly Field[] | null;
}

/** Makes a shape; what is not given is empty. */
export function spanShape(given: Partial<SpanShape>): SpanShape {
  return { kind: 'raw', name: '', className: '', type: 0, width: 0, countName: '', flagged: false, fields: null, ...given };
}
