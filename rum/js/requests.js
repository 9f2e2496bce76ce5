// What fetch and XMLHttpRequest have in common: a request's span, and which requests may
// carry its trace.

import { OPEN, REQUEST, SETTLE, call, digits, headersOf } from './core.js';
import { isAlways, templateOf } from './full.js';
import { guarded, state } from './guard.js';
import { now, origin } from './platform.js';
import { changed } from './transport.js';
import { keepQuery, template, textOf } from './url.js';

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

/* global FULL */

const METHODS = /^(CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT|TRACE)$/;

/** The `traceparent` of the span that is active, if one is. */
export const context = { parent: '' };

let targets = [];
let dryRun;
const told = new Set();

/** Takes the options that say where headers may go. Throws if an address is none. */
export const configureRequests = (options) => {
  targets = targetsOf(options.propagateTo);
  keepQuery(options.keepQuery == null ? undefined : wordsOf(options.keepQuery));
  dryRun = `${options.dryRun ?? false}` !== 'false';
};

/** A list that may be a text, with spaces or commas between its parts. */
export const wordsOf = (list) =>
  typeof list === 'string' ? list.match(/[^\s,]+/g) || [] : [list ?? []].flat();

/** A list of addresses, expressions and functions. Throws if an address is none. */
export const targetsOf = (list) =>
  wordsOf(list).map((target) =>
    typeof target === 'string' ? new URL(target, document.baseURI).href : target,
  );

/** Whether one of them fits an address: as its beginning, or as a site's own code has it. */
export const fits = (list, href) =>
  list.some((target) =>
    typeof target === 'function'
      ? target(href) === true
      : target instanceof RegExp
        ? new RegExp(target).test(href)
        : href.startsWith(target),
  );

/** Whether a request there may carry trace headers: the page's own origin, and what the
 * site has named by a prefix of the address, an expression or a function. */
export const allows = (url) =>
  url.origin === origin || fits(targets, url.href);

/** What names a span in headers, given as pairs; empty if nothing does. */
const existingIn = (pairs) => {
  const get = (name) => pairs.find((pair) => pair[0].toLowerCase() === name)?.[1];
  const name = NAMES.find((each) => get(each) !== undefined);
  if (!name) return '';
  const value = get(name);
  // Only a text can be read for whose trace it is. An empty one is none of ours, either: more
  // put behind it would make a header that nobody can read.
  if (typeof value !== 'string' || !value) return '-';
  return name === 'x-b3-traceid'
    ? [value, get('x-b3-spanid'), get('x-b3-sampled')].join('-')
    : value;
};

/** Reports a request: its handle, and the headers to add. Nothing if it is not to be
 * followed. `pairs` are the headers that it has, where they can be read; `mayAdd` is whether one
 * can be added. */
export const begin = (method, url, pairs = [], mayAdd) => {
  if (!url.protocol.startsWith('http')) return;
  const existing = existingIn(pairs);
  const upper = method.toUpperCase();
  // As in fetch itself, case does not matter but for the latest of them.
  const known = METHODS.test(upper) && (upper !== 'PATCH' || method === upper);
  // Before there is a span: a function of the site's may throw.
  const may = mayAdd && !existing && !state.mute && allows(url);
  const handle = call(
    OPEN,
    now(),
    [
      `${known ? upper : 'HTTP'} ${(FULL && templateOf(url)) || template(url.pathname)}`,
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
    FULL && isAlways(url.href),
  );
  if (!handle) return;
  let headers = may ? headersOf(handle, url.origin === origin) : [];
  // The site's own correlation id stays, and its baggage.
  if (FULL) {
    headers = headers.filter(
      ([name]) => !pairs.some((pair) => pair[0].toLowerCase() === name.toLowerCase()),
    );
  }
  if (FULL && dryRun && !told.has(url.origin + may)) {
    const names = headers.map(([name]) => name).join(', ');
    told.add(url.origin + may);
    const what = may ? names : existing ? 'nothing, it has one' : 'nothing, it is not allowed';
    console.info(`throughline: ${url.origin} would get ${what}`);
  }
  return { handle, headers: FULL && dryRun ? [] : headers };
};

/** Reports that a request has settled, with a status or with the name of an error. */
export const settle = (handle, status, error) =>
  guarded(() => {
    const bad = status > 399;
    call(
      SETTLE,
      now(),
      ['#http.response.status_code', digits(status), 'error.type', error || (bad ? status : '')],
      handle,
      // Who calls a request off does not want it to count as failed.
      bad || (error && error !== 'AbortError'),
    );
    changed();
  });
