/** What components that write one ROOT file share. */
import type { IoComponentMgr } from './io-component-mgr.ts';
import { OutputComponent } from './output-component.ts';
import { RootOutput, type RootFileOptions } from './root-output.ts';

/** A component with one ROOT file. */
export class RootOutputComponent extends OutputComponent<RootOutput> {
  /** Opens the file and registers it for WRITE; see OutputComponent. */
  constructor(manager: IoComponentMgr, name: string, fileName: string, options: RootFileOptions = {}) {
    super(manager, name, fileName, (path) => new RootOutput(path, options));
  }
}
