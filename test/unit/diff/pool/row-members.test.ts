import { expect, it } from 'vitest';
import { MOVED_IN_HEADERS } from '../../../../src/diff/pool/row-members.ts';

it.each([
  'm_dataHeader.m_token',
  'm_DataHeader.m_token',
  'm_InputDataHeader.m_token',
  'm_DataHeader.m_oid2',
  'm_InputDataHeader.m_dbGuidIdx',
])('%s may be moved: of p3 and p4, whose tokens may be whole, as of p5', (member) => {
  expect(MOVED_IN_HEADERS.test(member)).toBe(true);
});

it.each(['m_DataHeader', 'm_DataHeader.m_clids', 'm_InputDataHeader.m_alias', 'm_dataHeader.m_classIdIdx'])('%s may not', (member) => {
  expect(MOVED_IN_HEADERS.test(member)).toBe(false);
});
