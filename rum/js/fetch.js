// The hook on fetch. It adds a header where it may, and otherwise hands over exactly what
// it was given. It never reads a body and never runs a getter or an iterator of the page:
// what would need that is passed through unseen.

import { guarded } from './guard.js';
import {
  Headers,
  NativePromise,
  Request,
  URL,
  apply,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  nativeThen,
  ownKeys,
  wrapped,
} from './platform.js';
import { begin, settle } from './requests.js';

/** Puts the hook in place. */
export const hookFetch = () => {
  // Not the one that was there first: a page that starts later may have its own by then.
  const { fetch } = window;
  if (typeof fetch !== 'function') return;
  window.fetch = wrapped(fetch, (target, self, args) => {
    const call = guarded(() => follow(args));
    if (!call) return apply(target, self, args);
    let promise;
    try {
      promise = apply(target, self, call.args);
    } catch (error) {
      settle(call.handle, 0, 'Error');
      throw error;
    }
    // Native fetch gives native promises. Anything else is somebody's wrapper, whose own
    // `then` may be all there is.
    if (!(promise instanceof NativePromise)) {
      settle(call.handle, 0);
      return promise;
    }
    // The page gets the promise that follows ours: to observe the original alone would
    // mark its rejection as handled.
    return apply(nativeThen, promise, [
      (response) => {
        settle(call.handle, guarded(() => response.status));
        return response;
      },
      (error) => {
        settle(call.handle, 0, guarded(() => errorName(error, call.signal)) || 'Error');
        throw error;
      },
    ]);
  });
};

/** Reports a request: its handle, and the arguments to go on with. Undefined if it is not
 * to be followed. */
const follow = (args) => {
  const [input, given, ...rest] = args;
  const request = input instanceof Request ? input : undefined;
  if (!request && typeof input !== 'string' && !(input instanceof URL)) return;
  const init = given ?? {};
  if (!isPlain(init)) return;
  const method = init.method ?? request?.method ?? 'GET';
  if (typeof method !== 'string') return;
  const url = new URL(request ? request.url : input, document.baseURI);
  const headers = init.headers ?? request?.headers;
  const pairs = pairsOf(headers);
  // Without CORS the browser would drop the header without a word.
  const mayAdd = pairs && init.headers !== null && (init.mode ?? request?.mode) !== 'no-cors';
  const call = begin(method, url, pairs, mayAdd);
  if (!call) return;
  call.signal = init.signal ?? request?.signal;
  // By itself: the span goes on where there can be no copy, of a request that is used up.
  const changed = () =>
    // A copy of the request carries over what no init could say, such as the referrer. It
    // takes the body, too, which a request keeps where the init has another.
    request && !init.headers && init.body == null
      ? [withHeaders(new Request(request), call.headers), given, ...rest]
      : [input, { ...init, headers: added(headers, call.headers) }, ...rest];
  call.args = (call.headers.length && guarded(changed)) || args;
  return call;
};

const withHeaders = (holder, more) => {
  for (const [name, value] of more) holder.headers.set(name, value);
  return holder;
};

/** A copy of headers, in the form that they came in, with more of them. */
const added = (headers, more) => {
  if (headers instanceof Headers) {
    return withHeaders({ headers: new Headers(headers) }, more).headers;
  }
  if (Array.isArray(headers)) return [...headers, ...more];
  return { ...headers, ...Object.fromEntries(more) };
};

/** Headers as pairs. Undefined for forms that only their owner can read. */
const pairsOf = (headers) => {
  if (headers === undefined) return [];
  if (headers instanceof Headers) return [...headers];
  if (Array.isArray(headers)) {
    return headers.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string')
      ? headers
      : undefined;
  }
  return isPlain(headers) ? Object.entries(headers) : undefined;
};

/** Whether an object can be read and spread without running the page's code, and without
 * losing anything. */
const isPlain = (object) => {
  if (typeof object !== 'object' || object === null) return false;
  const prototype = getPrototypeOf(object);
  // Any realm's Object.prototype will do: a frame may hand its objects over.
  if (prototype && (getPrototypeOf(prototype) || !('__proto__' in prototype))) {
    return false;
  }
  return ownKeys(object).every((key) => {
    const property = getOwnPropertyDescriptor(object, key);
    return property.enumerable && 'value' in property;
  });
};

/** A request that was called off may be rejected with any value at all. */
const errorName = (error, signal) => {
  const name = error?.name;
  return signal?.aborted && name !== 'TimeoutError' ? 'AbortError' : String(name);
};
