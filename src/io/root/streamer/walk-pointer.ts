/**
 * Pointer slots (TBufferFile::ReadObjectAny, ReadClass): a u32 that is
 *   0                       null
 *   byte count | 0x40000000 followed by a class tag and the object:
 *     0xffffffff + name\0     first object of that class
 *     0x80000000 | tag        class named at the tag word with that tag
 *   else                    the tag of an object met before; 1 is the key's own object
 * The tag of a word at payload index i is i + keylen + 2.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { PointerNode } from './span-graph.ts';
import type { TargetNode } from './span-graph.ts';
import { CLASS_MASK, NEW_CLASS_TAG, SELF_TAG, TAG_SHIFT, countedBytes, isByteCount } from './type-codes.ts';
import type { WalkCursor } from './walk-cursor.ts';

/** Walks the pointer slot at the cursor, with the object behind it. */
export function walkPointer(c: WalkCursor, name: string): PointerNode {
  const start = c.pos;
  const node = new PointerNode(name, c.source, start);
  c.need(4);
  const word = c.view.getUint32(start);
  c.pos = start + 4;
  if (word === 0) return node;
  if (isByteCount(word)) walkCounted(c, node, start + 4 + countedBytes(word));
  else if (word === NEW_CLASS_TAG || (word & CLASS_MASK) !== 0) {
    // Without a byte count tags are running numbers, not positions (ROOT 1 and early ROOT 2).
    throw new UnsupportedError('pointer without byte count (file of ROOT 2 or older)', { offset: start });
  } else resolveReference(c, node, word);
  node.end = c.pos;
  return node;
}

function walkCounted(c: WalkCursor, node: PointerNode, slotEnd: number): void {
  const start = node.start;
  if (slotEnd > c.end || slotEnd < start + 8) {
    throw new CorruptFileError('byte count of a pointer reaches past the data', {
      offset: start,
      expected: `4..${c.end - start - 4}`,
      found: slotEnd - start - 4,
    });
  }
  const tag = c.view.getUint32(c.pos);
  if (slotEnd === start + 8 && (tag & CLASS_MASK) === 0) {
    node.countedReference = true;
    c.pos += 4;
    resolveReference(c, node, tag);
    return;
  }
  node.form = 'object';
  node.className = readClassTag(c, node);
  // Registered before its content, which may refer back to the object.
  c.objects.set(start + c.source.keylen + TAG_SHIFT, node);
  c.enter();
  node.target = walkTarget(c, node, slotEnd);
  c.leave();
}

function walkTarget(c: WalkCursor, node: PointerNode, slotEnd: number): TargetNode {
  const contentStart = c.pos;
  const depth = c.depth;
  try {
    c.slotEnd = slotEnd;
    const target = c.walkObject(c, '', node.className);
    c.checkFrame(node.start, slotEnd, node.className);
    return target;
  } catch (err) {
    return c.recover(err, { name: '', className: node.className, start: contentStart, end: slotEnd, depth });
  }
}

/** Reads the class tag at the cursor and gives the class name. */
function readClassTag(c: WalkCursor, node: PointerNode): string {
  const at = c.pos;
  c.need(4);
  const tag = c.view.getUint32(at);
  c.pos = at + 4;
  if (tag === NEW_CLASS_TAG) return readNewClass(c, node, at);
  if ((tag & CLASS_MASK) === 0) throw new CorruptFileError('no class tag behind the byte count of a pointer', { offset: at, found: tag });
  const known = c.classes.get(tag & ~CLASS_MASK);
  if (known !== undefined) return known;
  const name = externalClassName(c, (tag & ~CLASS_MASK) - c.source.keylen - TAG_SHIFT);
  if (name === null) throw new CorruptFileError('class tag refers to no class', { offset: at, found: tag & ~CLASS_MASK });
  node.externalClass = true;
  return name;
}

function readNewClass(c: WalkCursor, node: PointerNode, at: number): string {
  const name = c.cstring(c.pos);
  if (name === null) throw new CorruptFileError('class name without end', { offset: c.pos });
  c.pos = c.bytes.indexOf(0, c.pos) + 1;
  for (const known of c.classes.values()) node.repeatsName ||= known === name;
  c.classes.set(at + c.source.keylen + TAG_SHIFT, name);
  return name;
}

/** The name at a class tag word inside an opaque part, or null if there is none. */
function externalClassName(c: WalkCursor, at: number): string | null {
  if (at < 0 || at + 4 > c.pos || !c.inOpaque(at) || c.view.getUint32(at) !== NEW_CLASS_TAG) return null;
  return c.cstring(at + 4);
}

function resolveReference(c: WalkCursor, node: PointerNode, tag: number): void {
  node.form = 'reference';
  const slot = c.objects.get(tag);
  if (slot !== undefined) {
    node.className = slot.className;
    c.references.push({ from: node, to: slot });
  } else if (tag === SELF_TAG) c.references.push({ from: node, to: null });
  else if (c.inOpaque(tag - c.source.keylen - TAG_SHIFT)) node.form = 'unresolved';
  else throw new CorruptFileError('object tag refers to no object', { offset: node.start, found: tag });
}

/** After a walk: lets every reference point to the object of its slot; `root` is the key's own object. */
export function bindReferences(c: WalkCursor, root: TargetNode, className: string): void {
  for (const { from, to } of c.references) {
    from.target = to === null ? root : to.target;
    if (to === null) from.className = className;
  }
}
