// What the browser gave us before anybody could replace it. Pages swap these out,
// for polyfills or for tests, and other tracers wrap them.

export const nativeFetch = window.fetch;
export const { Request, Headers, URL, setTimeout, clearTimeout } = window;
export const { apply, getPrototypeOf, ownKeys, getOwnPropertyDescriptor } = Reflect;
export const NativePromise = Promise;
export const nativeThen = Promise.prototype.then;

const clock = performance;
const read = clock.now;

/** Milliseconds since the page's time origin. */
export const now = () => apply(read, clock, []);

/** The point in time, since the Unix epoch, that `now` counts from. */
export const timeOrigin = clock.timeOrigin;
