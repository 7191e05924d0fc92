/** Headers and event tags in another order: rows belong together whose first reference leads to rows that belong together. */
import { containerPlace } from '../../io/pool/bookkeeping.ts';
import type { Container } from '../../io/pool/containers.ts';
import { tagTokens } from '../../io/pool/header-rows.ts';
import { parseToken, type Reference } from '../../io/pool/token.ts';
import type { EntryPairs } from '../entries/entry-selection.ts';
import { SideHeaders, orUndefined } from './pool-headers.ts';
import { containersOf, type PoolSide, type PoolSides } from './pool-sides.ts';

/** Pairs the rows of a container; undefined when no reference leads to rows that stand elsewhere. */
export function pairsByReferences(sides: PoolSides, name: string, kind: 'header' | 'tag'): EntryPairs | undefined {
  const { left, right } = containersOf(sides, name);
  if (left === undefined) return undefined;
  const ours = placesOf(sides, sides.left, left, kind, (container, row) => `${container} ${row}`);
  const rows = new Map<string, number[]>();
  ours.forEach((place, row) => {
    if (place !== undefined) rows.set(place, [...(rows.get(place) ?? []), row]);
  });
  if (rows.size === 0) return undefined;
  const pairs: [number, number][] = [];
  let joined = 0;
  right.forEach((container, source) => {
    const side = sides.right[source] as PoolSide;
    const places =
      container === undefined
        ? []
        : placesOf(sides, side, container, kind, (store, row) => `${store} ${sides.rowOf({ source, row }, store)}`);
    places.forEach((place, row) => {
      const found = place === undefined ? undefined : rows.get(place)?.shift();
      if (found !== undefined) pairs.push([found, joined + row]);
    });
    joined += container?.rowCount ?? 0;
  });
  pairs.sort(([a], [b]) => a - b);
  return { left: Uint32Array.from(pairs, ([row]) => row), right: Uint32Array.from(pairs, ([, row]) => row) };
}

/** For each row the first place a reference of it leads to, among those that may stand elsewhere. */
function placesOf(
  sides: PoolSides,
  side: PoolSide,
  container: Container,
  kind: 'header' | 'tag',
  text: (container: string, row: number) => string,
): (string | undefined)[] {
  return referencesOf(side, container, kind).map((references) => {
    for (const reference of references) {
      const found = side.resolver.resolve(reference);
      if (
        found.status === 'resolved' &&
        found.contents === side.contents &&
        found.container !== container &&
        sides.isMoved(containerPlace(found.container.name).tree)
      ) {
        return text(found.container.name, found.row);
      }
    }
    return undefined;
  });
}

function referencesOf(side: PoolSide, container: Container, kind: 'header' | 'tag'): Reference[][] {
  if (kind === 'tag') return tagTokens(container).map((text) => orUndefined(() => [parseToken(text)]) ?? []);
  const headers = new SideHeaders(side, container);
  return Array.from({ length: container.rowCount }, (_, row) => headers.read(row).elements ?? []);
}
