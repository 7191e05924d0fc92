import { describe, expect, it } from 'vitest';
import { FormReferences, parsePlacement } from '../../../src/io/pool/form-reference.ts';
import { HeaderReader } from '../../../src/io/pool/header-rows.ts';
import { CorruptFileError } from '../../../src/errors.ts';
import { treeOf, withPool, workers } from '../merge/pool/pool-files.ts';

const PLACEMENT = '[CONT=POOLContainerForm(DataHeaderForm)][TECH=00000203][DB=BF29BF4C-3A16-C34E-A67A-33EA7680B39A]';

describe('a placement of a form', () => {
  it('names container, technology and the number of the form', () => {
    expect(parsePlacement(PLACEMENT)).toEqual({ container: 'POOLContainerForm(DataHeaderForm)', technology: 0x203, counter: 0n });
    expect(parsePlacement(`[FILE=a.root]${PLACEMENT}[KEY=x][SWN=12]`)).toEqual({
      container: 'POOLContainerForm(DataHeaderForm)',
      technology: 0x203,
      counter: 11n,
    });
  });

  it.each([
    ['no technology', PLACEMENT.replace('TECH', 'TEC')],
    ['no container', PLACEMENT.replace('CONT', 'CNT')],
    ['client 0', `${PLACEMENT}[SWN=0]`],
    ['a client that is no number', `${PLACEMENT}[SWN=1x]`],
    ['a client without number', `${PLACEMENT}[SWN=]`],
    ['a client beyond all', `${PLACEMENT}[SWN=99999999999999999999]`],
  ])('is damaged with %s', (_, text) => {
    expect(() => parsePlacement(text)).toThrow(CorruptFileError);
  });
});

/** Row of the form that each event header names. */
function formRows(path: string, tree: string): (number | string)[] {
  return withPool(path, (contents) => {
    const container = contents.containers.find(`${tree}(DataHeader)`);
    if (container === undefined) throw new Error('no headers');
    const [reader, forms] = [new HeaderReader(container), new FormReferences(contents, container)];
    return Array.from({ length: container.rowCount }, (_, row) => {
      const header = reader.header(row);
      if (header.version === 'p3') return 'p3';
      const { container: name, technology, oid2 } = forms.at(row, header.formToken);
      const form = contents.containers.find(name);
      return form === undefined ? 'none' : contents.containers.rowOf(form, technology, oid2);
    });
  });
}

describe('forms that placements name', () => {
  it.each([
    ['placed', 'POOLContainer'],
    ['indexplaced', 'POOLContainer'],
    ['ntupleplaced', 'DataHeader'],
  ] as const)('are the first one, or that of the client of the shared writer: %s', (family, tree) => {
    expect(workers(family).map((path) => formRows(path, tree))).toEqual([
      [0, 0, 0, 0],
      [0, 1, 0, 1, 0, 1],
      [0, 0, 0],
    ]);
  });

  it('must be in a container that has a link, of the technology the placement says', () => {
    withPool(workers('indexplaced')[0] as string, (contents) => {
      const container = contents.containers.find('POOLContainer(DataHeader)');
      if (container === undefined) throw new Error('no headers');
      const forms = new FormReferences(contents, container);
      expect(forms.at(1, PLACEMENT)).toMatchObject({ oid2: 0x3b94n << 32n, technology: 0x203, isPlaced: true });
      expect(() => forms.at(1, PLACEMENT.replace('ContainerForm', 'ContainerFoam'))).toThrow(
        /container of forms that ##Links does not have/,
      );
      expect(() => forms.at(1, PLACEMENT.replace('203', '202'))).toThrow(/another technology/);
      expect(() => forms.at(1, 'POOLContainerForm')).toThrow(/not a token/);
    });
  });
});

describe('a row number in place of an index_ref', () => {
  it('leads to that row, as for readers, where no row has it as its index_ref; not so in RNTuples', () => {
    withPool(workers('index')[0] as string, ({ containers }) => {
      const container = containers.find('CollectionTree(TracksAux.)');
      if (container === undefined) throw new Error('no tracks');
      expect(
        [3n, 19n, 20n, -1n, (0x3b94n << 32n) + 3n, (0x3b95n << 32n) + 3n].map((oid2) => containers.rowOf(container, 0x203, oid2)),
      ).toEqual([3, 19, -1, -1, 3, -1]);
      expect(containers.rowOf(container, 0x204, 3n)).toBe(-1);
      expect(treeOf(containers, 'CollectionTree').entryCount).toBe(20);
    });
  });
});
