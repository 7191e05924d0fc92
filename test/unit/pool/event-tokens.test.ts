import { describe, expect, it } from 'vitest';
import { holdsEventTokens } from '../../../src/io/pool/event-tokens.ts';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import type { StreamerElement, StreamerInfo } from '../../../src/io/root/streamer/streamer-info.ts';

/** Members as `name: type`; a type of BASE makes a base class. */
function info(className: string, members: Record<string, string>): StreamerInfo {
  const elements = Object.entries(members).map(([name, typeName]) => ({ name, typeName, elementClass: typeName === 'BASE' ? 'TStreamerBase' : 'TStreamerObjectAny' }) as StreamerElement);
  return { className, classVersion: 1, checksum: 1, elements } as StreamerInfo;
}

const infos = new InfoSet([
  info('TPCnvToken_p1', { m_converterID: 'unsigned short', m_token: 'string' }),
  info('TPCnvTokenList_p1', { 'vector<TPCnvToken_p1>': 'BASE' }),
  info('TopLevel_p1', { m_tokenList: 'TPCnvTokenList_p1', m_self: 'TopLevel_p1*' }),
  info('Derived_p1', { TopLevel_p1: 'BASE' }),
  info('Plain_p1', { m_x: 'float', m_more: 'vector<Plain_p1>' }),
]);

describe('types that hold tokens of event data', () => {
  it.each([
    ['the token itself', 'TPCnvToken_p1', true],
    ['a collection of them', 'vector<TPCnvToken_p1>', true],
    ['a base class', 'TPCnvTokenList_p1', true],
    ['a member', 'TopLevel_p1', true],
    ['a base class with such a member', 'Derived_p1', true],
    ['a map to them', 'map<int,TopLevel_p1*>', true],
    ['none, though it holds itself', 'Plain_p1', false],
    ['an unknown class', 'Elsewhere', false],
    ['a basic type', 'vector<float>', false],
  ])('%s', (_, typeName, holds) => {
    expect(holdsEventTokens(infos, typeName)).toBe(holds);
  });
});
