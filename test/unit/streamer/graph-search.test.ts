import { expect, it } from 'vitest';
import { someNode } from '../../../src/io/root/streamer/graph-search.ts';
import { frameNode, graphOfPart, rawNode } from '../../../src/io/root/streamer/span-graph.ts';

it('a search visits every node of an object of 200 000 members', () => {
  const members = Array.from({ length: 200_000 }, (_, i) => rawNode(`m${i}`, new Uint8Array(1)));
  const graph = graphOfPart(frameNode('', 'Large', 1, members));
  let visited = 0;
  expect(someNode(graph, () => visited++ < 0)).toBe(false);
  expect(visited).toBe(200_001);
  expect(someNode(graph, (node) => node === members[77])).toBe(true);
});
