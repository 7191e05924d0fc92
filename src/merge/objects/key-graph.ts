/** Objects of inputs as graphs; whatever is wrong with one is told with file and object. */
import { withContext } from '../../errors.ts';
import { objectPath, type DirectoryNode } from '../../io/root/root-file.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { walkObject } from '../../io/root/streamer/walk.ts';
import type { InputFile } from '../inputs.ts';

/** Walks the object of key `i`; it is of the class that the key list says. */
export function graphOfKey(input: InputFile, directory: DirectoryNode, i: number): SpanGraph {
  return withContext({ file: input.path, objectPath: objectPath(directory, i) }, () => {
    const { key, payload } = input.file.readObject(directory, i);
    return walkObject(payload, key.keylen, directory.keys.className(i), input.infos);
  });
}
