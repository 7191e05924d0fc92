/**
 * What readers of a file would misread: a frame names a class and a version, and readers take the first layout the file
 * describes under these (ROOT's TClass::GetStreamerInfo), whatever layout the object has.
 */
import { someNode } from '../../io/root/streamer/graph-search.ts';
import { graphOf, type FileObject } from './file-objects.ts';

/** Bytes of a frame with byte count and version. One with a checksum has 10, and the checksum tells the layout. */
const VERSION_FRAME_BYTES = 6;

/** First class, with its version, of which the object holds another layout than the first of its file; undefined: none. */
export function misreadClass(object: FileObject): string | undefined {
  const { infos, hasSecondLayouts } = object.file;
  if (!hasSecondLayouts) return undefined;
  let found: string | undefined;
  someNode(graphOf(object), (node) => {
    if (node.kind !== 'object' || node.plan === null || node.headerBytes !== VERSION_FRAME_BYTES) return false;
    const { className, version } = node.plan;
    if (infos.plan(className, version)?.checksum !== node.plan.checksum) found = `${className} version ${version}`;
    return found !== undefined;
  });
  return found;
}
