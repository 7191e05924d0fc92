/** RNTuples of an open file by their full path. */
import { UsageError } from '../../../errors.ts';
import { joinPath, type RootFile } from '../root-file.ts';
import { isRNTupleClass } from './anchor.ts';
import { openRNTuple, type RNTuple } from './rntuple.ts';

/**
 * Opens the newest cycle of the RNTuple at a full path such as `/sub/events`. UsageError when there is none;
 * CorruptFileError, UnsupportedError where it cannot be read.
 */
export function openTuple(file: RootFile, path: string): RNTuple {
  for (const directory of file.directories) {
    const { keys } = directory;
    let newest = -1;
    for (let i = 0; i < keys.count; i++) {
      if (!isRNTupleClass(keys.className(i)) || joinPath(directory.path, keys.name(i)) !== path) continue;
      if (newest < 0 || keys.cycle(i) > keys.cycle(newest)) newest = i;
    }
    if (newest >= 0) return openRNTuple(file, directory, newest);
  }
  throw new UsageError('the file has no such RNTuple', { file: file.path, objectPath: path });
}
