/** The inputs of a merge: open files with what is known of each, shared between files where it is equal. */
import type { RootFile } from '../io/root/root-file.ts';
import type { InfoSet } from '../io/root/streamer/info-set.ts';

/** One open input. */
export interface InputFile {
  /** Position among the inputs, from 0. */
  readonly index: number;
  /** Path as the caller gave it. */
  readonly path: string;
  readonly file: RootFile;
  /** Streamer infos of this file; one object for all files whose info records are equal. */
  readonly infos: InfoSet;
  /** True when the file's infos know TBranch: only then can there be a tree in it. */
  readonly hasBranches: boolean;
  /** Process ids in the output before those of this input; to be added to the pid offset of its records. */
  pidOffset: number;
}
