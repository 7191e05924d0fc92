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
import { BYTE_COUNT_MASK, CLASS_MASK, NEW_CLASS_TAG, TAG_SHIFT } from './type-codes.ts';
import { makesOpaque } from './walk-cursor.ts';
import type { WalkCursor } from './walk-cursor.ts';

/** Walks the pointer slot at the cursor, with the object behind it. */
export function walkPointer(c: WalkCursor, name: string): PointerNode {
  const start = c.pos;
  const node = new PointerNode(name, c.source, start);
  c.need(4);
  const word = c.view.getUint32(start);
  c.pos = start + 4;
  if (word === 0) return node;
  if (word >>> 30 === 1) walkCounted(c, node, start + 4 + (word & ~BYTE_COUNT_MASK));
  else if (word === NEW_CLASS_TAG || (word & CLASS_MASK) !== 0) {
    // Without a byte count tags are running numbers, not positions (ROOT 1 and early ROOT 2).
    throw new UnsupportedError('pointer without byte count (file of ROOT 2 or older)', { offset: start });
  } else resolveReference(c, node, word);
  node.end = c.pos;
  return node;
}

function walkCounted(c: WalkCursor, node: PointerNode, frameEnd: number): void {
  if (frameEnd > c.end || frameEnd < node.start + 8) {
    throw new CorruptFileError('byte count of a pointer reaches past the data', {
      offset: node.start, expected: `4..${c.end - node.start - 4}`, found: frameEnd - node.start - 4,
    });
  }
  node.form = 'object';
  const tagAt = c.pos;
  node.className = readClassTag(c, node);
  const contentStart = c.pos;
  c.enter();
  try {
    // Registered before its content: the object may hold references to itself.
    const target = walkTarget(c, node, frameEnd);
    node.target = target;
    if (c.pos !== frameEnd) {
      throw new CorruptFileError(`byte count of a pointer to ${node.className} does not match the object`, {
        offset: node.start, expected: c.pos - node.start - 4, found: frameEnd - node.start - 4,
      });
    }
  } catch (err) {
    if (!makesOpaque(err, c.infos.isCore(node.className))) throw err;
    node.target = c.makeOpaque('', node.className, contentStart, frameEnd, err.reason);
  }
  c.leave();
  c.objects.set(node.start + c.source.keylen + TAG_SHIFT, node.target);
  void tagAt;
}
