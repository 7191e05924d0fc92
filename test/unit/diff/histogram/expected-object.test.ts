/** Lists that were joined: every element must be that of an input, or what elements of the inputs add up to. */
import { expect, it } from 'vitest';
import { compareWithAdded } from '../../../../src/diff/histogram/expected-object.ts';
import { DifferenceList } from '../../../../src/diff/object/difference.ts';
import type { SpanGraph } from '../../../../src/io/root/streamer/span-graph.ts';
import { graphOf } from '../../../objects.ts';
import { fixture } from '../../../scratch.ts';

/** A list of a TObjString, a TNamed and the TObjString again, with or without the TNamed. */
function list(isWhole: boolean): SpanGraph {
  const graph = graphOf(fixture('others_0.root'), '/collections/list');
  if (!isWhole && graph.root.kind === 'object') {
    graph.root.children = graph.root.children.filter(({ kind, className }) => kind !== 'pointer' || className !== 'TNamed');
  }
  return graph;
}

function differences(out: SpanGraph, inputs: readonly SpanGraph[]): [left: string, right: string][] {
  const found = new DifferenceList(10);
  compareWithAdded(out, inputs, found);
  return found.first.map(({ left, right }) => [left, right]);
}

it('elements of a joined list are those of its inputs, each once at least, and no others', () => {
  expect(differences(list(true), [list(true), list(false)])).toEqual([]);
  expect(differences(list(false), [list(true), list(false)])).toEqual([['"in no element"', '"TNamed"']]);
  expect(differences(list(true), [list(false), list(false)])).toEqual([['"TNamed"', '"in no input"']]);
});
