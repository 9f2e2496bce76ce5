// What a collector has not taken, in the browser's storage until one does: it outlives the page,
// and whichever page of the same origin comes next sends it again, once. Where there is no
// storage it is this page's memory.

import { bytesOf, textOfBytes } from './core.js';
import { NativePromise, setTimeout } from './platform.js';

/** What all keys begin with. */
const NAME = 'throughline ';

/** How much is kept, in bytes; then the oldest give way. */
const MAX_BYTES = 500_000;

/** What is older than three days is of no use to anybody. */
const MAX_AGE_MS = 259_200_000;

/** How long it takes at most until all tabs know what one of them has taken. */
const SETTLE_MS = 250;

let disk;
try {
  disk = localStorage;
} catch {
  // A frame without an origin has none.
}
let store = disk ?? {};

/** How many spans and log records were lost in here. */
export const lost = { count: 0 };

/** Keys of what is kept, the oldest first: address, time, whether it is logs, how many. */
const keys = () =>
  Object.keys(store)
    .filter((key) => key.startsWith(NAME))
    .sort();

const countOf = (key) => +key.split(' ')[4];

/** How many spans and log records are kept. */
export const keptCount = () => keys().reduce((sum, key) => sum + countOf(key), 0);

/** Takes one out. */
const take = (key) => {
  const text = store[key];
  delete store[key];
  return text;
};

const lose = (key) => {
  take(key);
  lost.count += countOf(key);
};

/** Keeps the body of a request to a collector. */
export const keep = (body, base, logs, count, time = Date.now()) => {
  let room = MAX_BYTES - body.length;
  for (const key of keys().reverse()) {
    room -= store[key].length;
    if (room < 0) lose(key);
  }
  const key = NAME + [base, time, logs, count, Math.random()].join(' ');
  const text = textOfBytes(body);
  try {
    store[key] = text;
  } catch {
    // It is full.
    store = { [key]: text };
  }
};

/** Has all spans or log records that are kept for a collector sent by `send`, which says whether
 * to go on. */
export const sendKept = async (base, logs, send) => {
  if (!keys()[0]) return;
  const again = async (lock) => {
    if (!lock) return;
    await new NativePromise((resolve) => setTimeout(resolve, SETTLE_MS));
    for (const key of keys()) {
      const [, address, time, kind, count] = key.split(' ');
      if (address !== base || +kind !== logs) continue;
      if (Date.now() - time > MAX_AGE_MS) {
        lose(key);
        continue;
      }
      const text = take(key);
      // Not there: another tab has it after all.
      if (text && !(await send(bytesOf(text), +count, +time))) break;
    }
  };
  // One tab at a time, where there are locks.
  try {
    await navigator.locks.request(NAME + logs, { ifAvailable: true }, again);
  } catch {
    await again(1);
  }
};

/** Forgets everything. */
export const erase = () => {
  store = disk ?? {};
  keys().forEach(take);
};
