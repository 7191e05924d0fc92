/** The errors that calls end in. */
import { expect } from 'vitest';

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** The error of this class that a call throws; fails when it throws another one, or none. */
export function thrownBy<E extends Error>(type: ErrorClass<E>, work: () => unknown): E {
  try {
    work();
  } catch (err) {
    return asInstance(type, err);
  }
  throw new Error('nothing was thrown');
}

/** The same of work that is, or may be, asynchronous. */
export async function rejectionOf<E extends Error>(type: ErrorClass<E>, work: Promise<unknown> | (() => unknown)): Promise<E> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (err) {
    return asInstance(type, err);
  }
  throw new Error('nothing was thrown');
}

function asInstance<E extends Error>(type: ErrorClass<E>, err: unknown): E {
  expect(err).toBeInstanceOf(type);
  return err as E;
}
