/** What the tests use of JSROOT's core, which has no types of its own. */
declare module 'jsroot/core' {
  /** A histogram object of `className` with that many bins per axis, from 0 to their number. */
  export function createHistogram(className: string, nbinsx?: number, nbinsy?: number, nbinsz?: number): object;
  /** Adds the functions of a class to an object. */
  export function addMethods(object: object, typeName: string): void;
}
