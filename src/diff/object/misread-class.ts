/**
 * What readers of a file would misread: a frame names a class and a version, and readers take the first layout the file
 * describes under these (ROOT's TClass::GetStreamerInfo), whatever layout the object has.
 */
import { someNode } from '../../io/root/streamer/graph-search.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { graphOf, type DiffFile, type FileObject } from './file-objects.ts';

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

/** By file and another one: whether it lacks descriptions of classes that are no part of ROOT. */
const lacking = new WeakMap<DiffFile, WeakMap<DiffFile, boolean>>();

function lacksClassesOf(file: DiffFile, other: DiffFile): boolean {
  const known = lacking.get(file) ?? new WeakMap<DiffFile, boolean>();
  lacking.set(file, known);
  let isLacking = known.get(other);
  if (isLacking === undefined) {
    known.set(
      other,
      (isLacking = other.infos
        .list()
        .some(({ className, classVersion, checksum }) => !describes(file.infos, className, classVersion, checksum))),
    );
  }
  return isLacking;
}

/** True where readers find the layout of a class: of that version or checksum, or of a class of ROOT. */
export function describes(infos: InfoSet, className: string, version: number, checksum: number): boolean {
  return infos.isCore(className) || infos.find(className, version) !== undefined || infos.findByChecksum(className, checksum) !== undefined;
}

/** A class in an object that its file does not describe, though another one does whose object is understood; undefined: none. */
export function undescribedClass(object: FileObject, other: FileObject): string | undefined {
  if (!lacksClassesOf(object.file, other.file)) return undefined;
  const [part] = graphOf(object).opaque;
  return part === undefined || graphOf(other).opaque.length > 0 ? undefined : part.className;
}
