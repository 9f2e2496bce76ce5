// What the browser gave us before anybody could replace it. Pages swap these out,
// for polyfills or for tests, and other tracers wrap them.

// By the name that servers have, too: there the package is loaded, and does nothing.
export const {
  fetch: nativeFetch,
  Request,
  Headers,
  URL,
  setTimeout,
  clearTimeout,
  // Not the address's: a sandboxed frame is a stranger to its own server.
  origin,
} = globalThis;
export const { apply, getPrototypeOf, ownKeys, getOwnPropertyDescriptor } = Reflect;
export const NativePromise = Promise;
export const nativeThen = Promise.prototype.then;

const clock = performance;
const read = clock.now;

/** Milliseconds since the page's time origin. */
export const now = () => apply(read, clock, []);

/** The point in time, since the Unix epoch, that `now` counts from. The browser's own idea of
 * it is as old as the browser: clocks may have been set, and machines asleep, since then. */
export const timeOrigin = () => {
  const wall = Date.now() - now();
  return Math.abs(wall - clock.timeOrigin) > CLOCKS_APART_MS ? wall : clock.timeOrigin;
};

const CLOCKS_APART_MS = 50;

/** A function in another's place. A proxy keeps name, length and whatever else hangs on
 * it, but not its source text. */
export const wrapped = (native, call) =>
  new Proxy(native, {
    apply: call,
    get: (target, key) => (key === 'toString' ? target[key].bind(target) : target[key]),
  });
