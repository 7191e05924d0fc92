/** Trees of an open file by their full path. */
import { UsageError } from '../../../errors.ts';
import { readInfoSet } from '../root-file-infos.ts';
import { joinPath, type RootFile } from '../root-file.ts';
import { TreeReader } from './tree-reader.ts';

const TREE_CLASSES: ReadonlySet<string> = new Set(['TTree', 'TNtuple', 'TNtupleD']);

/**
 * Opens the newest cycle of the tree at a full path such as `/sub/events`. UsageError when there is none;
 * CorruptFileError, UnsupportedError where it cannot be read.
 */
export function openTree(file: RootFile, path: string): TreeReader {
  for (const directory of file.directories) {
    const { keys } = directory;
    let newest = -1;
    for (let i = 0; i < keys.count; i++) {
      if (!TREE_CLASSES.has(keys.className(i)) || joinPath(directory.path, keys.name(i)) !== path) continue;
      if (newest < 0 || keys.cycle(i) > keys.cycle(newest)) newest = i;
    }
    if (newest >= 0) return new TreeReader(file, directory, newest, readInfoSet(file));
  }
  throw new UsageError('the file has no such tree', { file: file.path, objectPath: path });
}
