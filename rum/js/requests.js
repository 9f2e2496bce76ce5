// What fetch and XMLHttpRequest have in common: a request's span, and which requests may
// carry its trace.

import { OPEN, REQUEST, SETTLE, call, textOf, traceparentOf } from './core.js';
import { guarded, state } from './guard.js';
import { now } from './platform.js';
import { changed } from './transport.js';

/** Headers by which tracers name a span, the commonest first. */
const NAMES = [
  'traceparent',
  'b3',
  'sentry-trace',
  'uber-trace-id',
  'x-b3-traceid',
  'x-datadog-trace-id',
  'x-amzn-trace-id',
];

const METHODS = /^(CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT|TRACE)$/;

/** The `traceparent` of the span that is active, if one is. */
export const context = { parent: '' };

let targets = [];
let dryRun;
const told = new Set();

/** Takes the options that say where headers may go. Throws if an address is none. */
export const configureRequests = (options) => {
  let list = options.propagateTo ?? [];
  if (typeof list === 'string') list = list.match(/[^\s,]+/g) || [];
  targets = [list].flat().map((target) =>
    typeof target === 'string' ? new URL(target, document.baseURI).href : target,
  );
  dryRun = `${options.dryRun ?? false}` !== 'false';
};

/** Whether a request there may carry trace headers: the page's own origin, and what the
 * site has named by a prefix of the address, an expression or a function. */
export const allows = (url) =>
  url.origin === location.origin ||
  targets.some((target) =>
    typeof target === 'function'
      ? target(url.href) === true
      : target instanceof RegExp
        ? new RegExp(target).test(url.href)
        : url.href.startsWith(target),
  );

/** What names a span in headers, given as pairs; empty if nothing does. */
export const existingIn = (pairs) => {
  const get = (name) => pairs.find((pair) => pair[0].toLowerCase() === name)?.[1];
  const name = NAMES.find(get);
  if (!name) return '';
  const value = get(name);
  // Only a text can be read for whose trace it is.
  if (typeof value !== 'string') return '-';
  return name === 'x-b3-traceid'
    ? [value, get('x-b3-spanid'), get('x-b3-sampled')].join('-')
    : value;
};

/** Reports a request: its handle, and the headers to add. Nothing if it is not to be
 * followed. `existing` is what names a span already, `mayAdd` whether a header can be added. */
export const begin = (method, url, existing, mayAdd) => {
  if (!/^http/.test(url.protocol)) return;
  const upper = method.toUpperCase();
  // As in fetch itself, case does not matter but for the latest of them.
  const known = METHODS.test(upper) && (upper !== 'PATCH' || method === upper);
  // Before there is a span: a function of the site's may throw.
  const may = mayAdd && !existing && !state.mute && allows(url);
  const handle = call(
    OPEN,
    now(),
    [
      `${known ? upper : 'HTTP'} ${url.pathname}`,
      existing,
      context.parent,
      'http.request.method',
      known ? upper : '_OTHER',
      'http.request.method_original',
      known ? '' : method,
      '@url.full',
      textOf(url),
      'server.address',
      url.hostname,
      '#server.port',
      url.port || (url.protocol === 'https:' ? 443 : 80),
    ],
    REQUEST,
  );
  if (!handle) return;
  if (dryRun && !told.has(url.origin + may)) {
    told.add(url.origin + may);
    const what = may ? HEADER : existing ? 'nothing, it has one' : 'nothing, it is not allowed';
    console.info(`throughline: ${url.origin} would get ${what}`);
  }
  return { handle, headers: may && !dryRun ? [[HEADER, traceparentOf(handle)]] : [] };
};

const HEADER = 'traceparent';

/** Reports that a request has settled, with a status or with the name of an error. */
export const settle = (handle, status, error) =>
  guarded(() => {
    const bad = status > 399;
    call(
      SETTLE,
      now(),
      ['#http.response.status_code', status || '', 'error.type', error || (bad ? status : '')],
      handle,
      // Who calls a request off does not want it to count as failed.
      bad || (error && error !== 'AbortError'),
    );
    changed();
  });
