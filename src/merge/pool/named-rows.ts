/** Which rows of a tree or RNTuple a header refers to. */
import { containerPlace } from '../../io/pool/bookkeeping.ts';
import type { FormReferences } from '../../io/pool/form-reference.ts';
import { FormReader, elementsOf, isEmptyHeader, type HeaderReader } from '../../io/pool/header-rows.ts';
import type { Resolver } from '../../io/pool/resolve.ts';

/** What reading the headers of one container takes. */
export interface HeaderReading {
  resolver: Resolver;
  reader: HeaderReader;
  forms: FormReferences;
}

/** Rows of a tree or RNTuple that the header of a row leads to, provenance left out; none where a header refers to nothing. */
export function rowsNamed({ resolver, reader, forms }: HeaderReading, row: number, name: string): number[] {
  const header = reader.header(row);
  if (isEmptyHeader(header)) return [];
  const form = header.version === 'p3' ? undefined : resolver.resolve(forms.at(row, header.formToken));
  const elements = elementsOf(header, form?.status === 'resolved' ? new FormReader(form.container).form(form.row) : undefined);
  return elements.flatMap((element) => {
    const found = resolver.resolve(element);
    return !element.isProvenance && found.status === 'resolved' && containerPlace(found.container.name).tree === name ? [found.row] : [];
  });
}
