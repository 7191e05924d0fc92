/** Objects of files as span graphs, for tests. */
import { openRootFile } from '../src/io/root/root-file.ts';
import { readInfoSet } from '../src/io/root/root-file-infos.ts';
import type { ObjectNode, SpanGraph } from '../src/io/root/streamer/span-graph.ts';
import { walkObject } from '../src/io/root/streamer/walk.ts';

/** The object of a path, in its newest cycle. */
export function graphOf(path: string, objectPath: string): SpanGraph {
  const file = openRootFile(path);
  const at = objectPath.lastIndexOf('/');
  const directory = file.directories.find((d) => d.path === (objectPath.slice(0, at) || '/'));
  const i =
    directory === undefined
      ? -1
      : Array.from({ length: directory.keys.count }, (_, k) => directory.keys.name(k)).indexOf(objectPath.slice(at + 1));
  if (directory === undefined || i < 0) throw new Error(`no ${objectPath} in ${path}`);
  const { key, payload } = file.readObject(directory, i);
  const graph = walkObject(payload, key.keylen, key.className, readInfoSet(file));
  file.close();
  return graph;
}

/** The same, which must be understood. */
export function nodeOf(path: string, objectPath: string): ObjectNode {
  const { root } = graphOf(path, objectPath);
  if (root.kind !== 'object') throw new Error(`${objectPath} is not understood`);
  return root;
}
