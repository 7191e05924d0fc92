import { expect, it } from 'vitest';
import { uuidFromDigest } from '../../../../src/io/bytes/uuid.ts';

it('a UUID keeps the bits of the digest but for version and variant', () => {
  const digest = Uint8Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? 0xff : 0));
  expect(Buffer.from(uuidFromDigest(digest, 5)).toString('hex')).toBe('ff00ff00ff005f00bf00ff00ff00ff00');
});
