/** Trees and RNTuples of a job in one file (Gaudi: the ntuple service). */
import type { RNTupleSpec, RNTupleWriter } from '../root/rntuple/rntuple-writer.ts';
import type { TreeSpec, TreeWriter } from '../root/tree/tree-writer.ts';
import { RootOutputComponent } from './root-output-component.ts';

/** Books and fills trees and RNTuples; they stay valid when the file moves to a worker's directory. */
export class NtupleComponent extends RootOutputComponent {
  /** Begins a tree in a directory of the file. */
  book(directory: string, spec: TreeSpec): TreeWriter {
    return this.output.bookTree(directory, spec);
  }

  /** Begins an RNTuple in a directory of the file. */
  bookTuple(directory: string, spec: RNTupleSpec): RNTupleWriter {
    return this.output.bookTuple(directory, spec);
  }

  /** The RNTuples by full path. */
  get tuples(): ReadonlyMap<string, RNTupleWriter> {
    return this.output.tuples;
  }

  /** The trees by full path. */
  get trees(): ReadonlyMap<string, TreeWriter> {
    return this.output.trees;
  }
}
