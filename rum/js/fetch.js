// The hook on fetch. It adds a header where the core says so, and otherwise hands
// over exactly what it was given. It never reads a body and never runs a getter or
// an iterator of the page: what would need that is passed through unseen.

import { core, give, partsOf, takeText } from './core.js';
import { guarded } from './guard.js';
import {
  Headers,
  NativePromise,
  Request,
  URL,
  apply,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  nativeFetch,
  nativeThen,
  now,
  ownKeys,
} from './platform.js';

const HEADER = 'traceparent';

/** Puts the hook in place. `changed` is called after each report to the core. */
export const hookFetch = (changed) => {
  if (typeof nativeFetch !== 'function') return;
  // A proxy keeps name, length, toString and whatever else hangs on the function.
  window.fetch = new Proxy(nativeFetch, {
    apply(target, self, args) {
      const call = guarded(() => begin(args));
      if (!call) return apply(target, self, args);
      const settle = (status, error) =>
        guarded(() => {
          give(error);
          core.request_settled(call.handle, now(), status);
          changed();
        });
      let promise;
      try {
        promise = apply(target, self, call.args);
      } catch (error) {
        settle(0, 'Error');
        throw error;
      }
      // Native fetch gives native promises. Anything else is somebody's wrapper,
      // whose own `then` may be all there is.
      if (!(promise instanceof NativePromise)) {
        settle(0, '');
        return promise;
      }
      // The page gets the promise that follows ours: to observe the original alone
      // would mark its rejection as handled.
      return apply(nativeThen, promise, [
        (response) => {
          settle(guarded(() => response.status) || 0, '');
          return response;
        },
        (error) => {
          settle(0, guarded(() => errorName(error, call.signal)) || 'Error');
          throw error;
        },
      ]);
    },
  });
};

/** Reports a request to the core: its handle, and the arguments to go on with.
 * Undefined if it is not to be followed. */
const begin = (args) => {
  const [input, given] = args;
  const request = input instanceof Request ? input : undefined;
  if (!request && typeof input !== 'string' && !(input instanceof URL)) return;
  const init = given ?? {};
  if (!isPlain(init)) return;
  const method = init.method ?? request?.method ?? 'GET';
  if (typeof method !== 'string') return;
  const url = new URL(request ? request.url : input, document.baseURI);

  const headers = describe(init.headers ?? request?.headers, request && !init.headers);
  // Whatever is there stays; only a text can be read for whose trace it is.
  const existing = headers?.existing ?? '';
  give(method, typeof existing === 'string' ? existing : '-', ...partsOf(url));
  const handle = core.request_started(now());
  if (!handle) return;
  const call = { handle, args, signal: init.signal ?? request?.signal };
  // Without CORS the browser would drop the header without a word.
  const mayAdd = headers && init.headers !== null && (init.mode ?? request?.mode) !== 'no-cors';
  const value = mayAdd && takeText(core.traceparent(handle));
  if (value) {
    const rest = args.slice(2);
    call.args = headers.ofRequest
      ? // A copy carries over what no init could say, such as the referrer.
        [withHeader(new Request(request), value), given, ...rest]
      : [input, { ...init, headers: headers.add(value) }, ...rest];
  }
  return call;
};

const withHeader = (request, value) => {
  request.headers.set(HEADER, value);
  return request;
};

/** How to look into headers and how to add one to a copy, for each form that they
 * can be given in. Undefined for forms that only their owner can read. */
const describe = (headers, ofRequest) => {
  if (headers === undefined) return { add: (value) => ({ [HEADER]: value }) };
  if (headers instanceof Headers) {
    return {
      ofRequest,
      existing: headers.get(HEADER),
      add: (value) => {
        const copy = new Headers(headers);
        copy.set(HEADER, value);
        return copy;
      },
    };
  }
  if (Array.isArray(headers)) {
    if (!headers.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string')) return;
    return {
      existing: headers.find((pair) => isTraceHeader(pair[0]))?.[1],
      add: (value) => [...headers, [HEADER, value]],
    };
  }
  if (!isPlain(headers)) return;
  return {
    existing: headers[Object.keys(headers).find(isTraceHeader)],
    add: (value) => ({ ...headers, [HEADER]: value }),
  };
};

const isTraceHeader = (name) => name.toLowerCase() === HEADER;

/** Whether an object can be read and spread without running the page's code, and
 * without losing anything. */
const isPlain = (object) => {
  if (typeof object !== 'object' || object === null) return false;
  const prototype = getPrototypeOf(object);
  // Any realm's Object.prototype will do: a frame may hand its objects over.
  if (prototype && (getPrototypeOf(prototype) || !ownKeys(prototype).includes('__proto__'))) {
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
