/** One place where two objects differ. */
export interface Difference {
  /** Where: a member (`fArray[3]`), a branch or field with its entry (`jet/pt[12]`), or what is counted (`entries`). */
  at: string;
  /** What the first file (of a merge: the output) has there. */
  left: string;
  /** What the second file has there (of a merge: what follows from the inputs). */
  right: string;
}
