/** Histograms of a file as objects that can be drawn, filled on, and written again. */
import { UsageError, withContext } from '../../../errors.ts';
import { joinPath, type RootFile } from '../root-file.ts';
import { decodeObject } from '../streamer/object-reader.ts';
import { readInfoSet } from '../root-file-infos.ts';
import { Histogram } from './histogram.ts';

/**
 * Reads the newest cycle of the histogram at a full path such as `/jets/pt`. UsageError when there is none, UnsupportedError for
 * an object of another class or in a form this reader does not know, CorruptFileError where its bytes do not fit.
 */
export function readHistogram(file: RootFile, path: string): Histogram {
  for (const directory of file.directories) {
    const { keys } = directory;
    let newest = -1;
    for (let i = 0; i < keys.count; i++) {
      if (joinPath(directory.path, keys.name(i)) === path && (newest < 0 || keys.cycle(i) > keys.cycle(newest))) newest = i;
    }
    if (newest < 0) continue;
    return withContext({ file: file.path, objectPath: path }, () => {
      const { key, payload } = file.readObject(directory, newest);
      return new Histogram(decodeObject(payload, key.keylen, key.className, readInfoSet(file)));
    });
  }
  throw new UsageError('the file has no such histogram', { file: file.path, objectPath: path });
}
