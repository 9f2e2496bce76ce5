// What pages call themselves: spans, events and errors of their own. Nothing here throws,
// and nothing the page has given is called twice.

import { LOG, OPEN, PLAIN, SETTLE, DESCRIBE, call, traceparentOf } from './core.js';
import { guarded } from './guard.js';
import { NativePromise, apply, nativeThen, now } from './platform.js';
import { context } from './requests.js';
import { changed } from './transport.js';
import { withoutQueries } from './url.js';

const INFO = 9;
const ERROR = 17;

/** How many errors of a page are recorded. */
const MAX_ERRORS = 100;

let errors = 0;

/** Attributes as the policy reads them: names and values in turn. */
const pairsOf = (attributes) =>
  Object.entries(attributes ?? {}).flatMap(([name, value]) => {
    const key = name.replace(/^[#%?!@]+/, '');
    if (value == null) return [];
    if (typeof value === 'boolean') return [`?${key}`, value];
    if (typeof value !== 'number') return [key, value];
    if (Number.isSafeInteger(value)) return [`#${key}`, value];
    // Not-a-number and the infinities would make whole batches unreadable for some.
    if (!Number.isFinite(value)) return [];
    return [`%${key}`, new BigUint64Array(new Float64Array([value]).buffer)[0]];
  });

/** Begins a span. Its parent is the one given, else the one that is active, else what the
 * page does just now. */
export const span = (name, options) => {
  let handle = 0;
  let traceparent = '';
  guarded(() => {
    const parent = options?.parent?.traceparent ?? context.parent;
    const pairs = pairsOf(options?.attributes);
    handle = call(OPEN, options?.start ?? now(), [name, '', parent, ...pairs], PLAIN);
    if (handle) traceparent = traceparentOf(handle);
  });
  const self = Object.freeze({
    traceparent,
    set: (attributes) =>
      void guarded(() => call(DESCRIBE, 0, pairsOf(attributes), handle)),
    end: (error) =>
      void guarded(() => {
        if (error) recordError(error, undefined, self);
        const type = error ? ['error.type', describe(error)[1]] : [];
        call(SETTLE, now(), type, handle, Boolean(error));
        changed();
      }),
  });
  return self;
};

/** Runs `act` within a span and gives what it gives. The span is active until `act` returns
 * or first awaits; it ends with the promise, if there is one. */
export const withSpan = (name, act, options) => {
  const own = typeof name !== 'object' || name === null;
  const of = own ? span(name, options) : name;
  const before = context.parent;
  const fail = (error) => {
    if (own) of.end(error || String(error));
    throw error;
  };
  let result;
  context.parent = of.traceparent;
  try {
    result = act(of);
  } catch (error) {
    fail(error);
  } finally {
    context.parent = before;
  }
  if (!own) return result;
  if (result instanceof NativePromise) {
    const done = (value) => (of.end(), value);
    return apply(nativeThen, result, [done, fail]);
  }
  of.end();
  return result;
};

/** Records that something happened. */
export const event = (name, attributes, of) =>
  guarded(() => log(INFO, name, pairsOf(attributes), of));

/** Records an error that the page has dealt with, or any other value that was thrown. */
export const recordError = (error, attributes, of) =>
  guarded(() => {
    if (errors++ >= MAX_ERRORS) return;
    log(ERROR, 'exception', [...describe(error), ...pairsOf(attributes)], of);
  });

const log = (severity, name, pairs, of) =>
  void guarded(() => {
    call(LOG, now(), [name, of?.traceparent ?? context.parent, ...pairs], severity);
    changed();
  });

/** A value that was thrown may be anything, and its properties may throw. */
const describe = (error) => [
  'exception.type',
  guarded(() => error.name) || typeof error,
  'exception.message',
  guarded(() => withoutQueries(error.message ?? String(error))),
  'exception.stacktrace',
  guarded(() => withoutQueries(error.stack)),
];

/** Puts the hooks on errors that nobody has dealt with in place. */
export const hookErrors = () => {
  const record = (error) => recordError(error, { 'exception.escaped': true });
  addEventListener('error', (event) => {
    // Resources that fail to load send plain events.
    if (event instanceof ErrorEvent) record(event.error ?? { name: 'Error', message: event.message });
  });
  addEventListener('unhandledrejection', (event) => record(event.reason));
};
