/** Trees of a job in one file (Gaudi: the ntuple service). */
import type { TreeSpec, TreeWriter } from '../root/tree/tree-writer.ts';
import { RootOutputComponent } from './root-output-component.ts';

/** Books and fills trees; they stay valid when the file moves to a worker's directory. */
export class NtupleComponent extends RootOutputComponent {
  /** Begins a tree in a directory of the file. */
  book(directory: string, spec: TreeSpec): TreeWriter {
    return this.output.bookTree(directory, spec);
  }

  /** The trees by full path. */
  get trees(): ReadonlyMap<string, TreeWriter> {
    return this.output.trees;
  }
}
