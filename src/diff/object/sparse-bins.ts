/**
 * Bins of a THnSparse by their coordinates. In which order they stand, and in chunks of how many, depends on the order
 * in which they were filled. Source: ROOT hist/hist/inc/THnSparse_Internal.h, hist/hist/src/THnSparse.cxx
 * (THnSparseCompactBinCoord).
 */
import { isNull, member, numberOf } from '../../io/root/streamer/member.ts';
import { arrayOf, listItems } from '../../io/root/streamer/member-list.ts';
import type { ObjectNode, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { elementOf, type ValuePlace } from './value-place.ts';

/** A THnSparseArrayChunk, and the coordinates of its bins: in compact form, a character per byte. */
export interface SparseChunk {
  chunk: SpanNode;
  coordinates: readonly string[];
}

/** The chunks of a THnSparse, or of the part of an object that is one. */
export function sparseChunks(node: SpanNode): SparseChunk[] {
  const content = member(node, 'fBinContent');
  return content === null ? [] : listItems(content).flatMap(({ target }) => (target === null ? [] : [chunkOf(target)]));
}

function chunkOf(chunk: SpanNode): SparseChunk {
  const width = numberOf(chunk, 'fSingleCoordinateSize', 0, 0);
  const bytes = arrayOf(chunk, 'fCoordinates');
  const text = bytes === null ? '' : Buffer.from(bytes.bytes.buffer, bytes.bytes.byteOffset + bytes.start, bytes.count).toString('latin1');
  return {
    chunk,
    coordinates: Array.from({ length: width > 0 ? Math.floor(text.length / width) : 0 }, (_, i) => text.slice(i * width, (i + 1) * width)),
  };
}

/** Bins per axis, under- and overflow included. */
export function axisSizes(node: SpanNode): number[] {
  return listItems(member(node, 'fAxes') ?? node).flatMap(({ target }) => (target === null ? [] : [numberOf(target, 'fNbins', 0, 0) + 2]));
}

/** Coordinates as text, 0 for the underflow of an axis: per axis as many bits as its number of bins takes, the lowest ones first. */
export function coordinatesText(compact: string, sizes: readonly number[]): string {
  let rest = Buffer.from(compact, 'latin1').reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const coordinates = sizes.map((size) => {
    const bits = size.toString(2).length;
    const coordinate = BigInt.asUintN(bits, rest);
    rest >>= BigInt(bits);
    return coordinate;
  });
  return `[${coordinates.join(', ')}]`;
}

/** True for two THnSparse whose bins stand in another order, or in other chunks. */
export function areOrderedOtherwise(a: ObjectNode, b: ObjectNode): boolean {
  if (a.className !== 'THnSparse') return false;
  const [x, y] = [sparseChunks(a), sparseChunks(b)];
  return (
    x.length !== y.length ||
    x.some(
      ({ coordinates }, k) =>
        coordinates.length !== y[k]?.coordinates.length || coordinates.some((each, i) => each !== y[k]?.coordinates[i]),
    )
  );
}

/** Where content and squared error of each bin stand, by its coordinates. */
export function sparseValues(node: ObjectNode): Map<string, { content: ValuePlace; square: ValuePlace | undefined }> {
  const values = new Map<string, { content: ValuePlace; square: ValuePlace | undefined }>();
  for (const { chunk, coordinates } of sparseChunks(node)) {
    const [contents, squares] = [member(chunk, 'fContent.fArray'), isNull(member(chunk, 'fSumw2')) ? null : member(chunk, 'fSumw2.fArray')];
    if (contents?.kind !== 'raw') continue;
    coordinates.forEach((each, i) =>
      values.set(each, { content: elementOf(contents, i), square: squares?.kind === 'raw' ? elementOf(squares, i) : undefined }),
    );
  }
  return values;
}
