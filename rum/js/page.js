// The page's own loading, and what the browser says of everything that it loads.

import {
  MATCHING,
  OPEN,
  PAGE,
  PLAIN,
  RESOURCE,
  SETTLE,
  TIMED,
  TURN,
  call,
  digits,
  micros,
  traceparentOf,
} from './core.js';
import { templateOf } from './full.js';
import { guarded } from './guard.js';
import { URL, now, origin, setTimeout } from './platform.js';
import { allows } from './requests.js';
import { beforeLeaving, changed } from './transport.js';
import { template, textOf } from './url.js';

/* global FULL */

/** When a page that never finishes loading is taken to have loaded. */
const GIVE_UP_MS = 60_000;

/** How many resources of a page view are recorded. */
const MAX_RESOURCES = 250;

/** Phases of a navigation: span name, and the timings where they start and end. */
const PHASES = [
  ['redirect', 'redirectStart', 'redirectEnd'],
  ['DNS lookup', 'domainLookupStart', 'domainLookupEnd'],
  ['connect', 'connectStart', 'connectEnd'],
  ['request', 'requestStart', 'responseStart'],
  ['response', 'responseStart', 'responseEnd'],
  ['DOM', 'responseEnd', 'domContentLoadedEventEnd'],
  ['load', 'domContentLoadedEventEnd', 'loadEventEnd'],
];

/** Steps that become events: of the navigation, and of any resource. */
const MARKS = ['domInteractive', 'domContentLoadedEventEnd'];
const STEPS = [
  'domainLookupStart',
  'connectStart',
  'secureConnectionStart',
  'requestStart',
  'responseStart',
];

let observer;
let resources = 0;
let ended = false;
let stale = '';

/** Puts the hooks in place. A server's span that is not believed in is linked to. */
export const hookPage = (staleServerSpan) => {
  stale = staleServerSpan;
  beforeLeaving(() => {
    endPage();
    observer?.takeRecords().forEach(report);
  });
  // The load event's own end is known only in a task after it.
  const soon = () => setTimeout(() => guarded(endPage));
  if (document.readyState === 'complete') soon();
  else addEventListener('load', soon);
  setTimeout(() => guarded(endPage), GIVE_UP_MS);
  addEventListener('pageshow', (event) => event.persisted && guarded(() => turn(event)));
  observer = new PerformanceObserver((list) =>
    guarded(() => {
      list.getEntries().forEach(report);
      changed();
    }),
  );
  observer.observe({ type: 'resource', buffered: true });
};

/** Reports the page view, once: at its load, or when it is left before that. */
const endPage = () => {
  if (ended) return;
  ended = true;
  const navigation = performance.getEntriesByType('navigation')[0] ?? {};
  // A page that was prepared in advance begins when it is shown.
  const start = navigation.activationStart || 0;
  const marks = performance.getEntriesByType('paint').map((each) => [each.name, each.startTime]);
  const type = document.wasDiscarded ? 'restore' : navigation.type;
  const handle = openPage(start, type, start > 0);
  const parent = traceparentOf(handle);
  for (const [name, from, to] of PHASES) {
    child(name, parent, Math.max(navigation[from], start), navigation[to]);
  }
  for (const name of MARKS) marks.push([name, navigation[name]]);
  const pairs = marks.flatMap(([name, ms]) => (ms > start ? [`!${name}`, micros(ms)] : []));
  call(SETTLE, navigation.loadEventEnd || now(), pairs, handle);
  changed();
};

const openPage = (start, type, prerendered) =>
  call(
    OPEN,
    start,
    [
      `page view ${(FULL && templateOf(location)) || template(location.pathname)}`,
      stale,
      '',
      '@url.full',
      textOf(location),
      'navigation.type',
      type,
      '?navigation.prerendered',
      prerendered || '',
    ],
    PAGE,
  );

/** A span that is known from start to end; none if it did not happen. */
const child = (name, parent, from, to) => {
  if (from < to) call(SETTLE, to, [], call(OPEN, from, [name, '', parent], PLAIN));
};

/** A page that comes back as it was left is another page view, until it is painted. */
const turn = (event) => {
  call(TURN, event.timeStamp);
  stale = '';
  const painted = () =>
    guarded(() => {
      const handle = openPage(event.timeStamp, 'back_forward_cache');
      call(SETTLE, now(), [], handle);
      changed();
    });
  requestAnimationFrame(() => requestAnimationFrame(painted));
};

const report = (entry) => {
  const url = new URL(entry.name);
  const { startTime, initiatorType, responseEnd } = entry;
  const isRequest = ['fetch', 'xmlhttprequest'].includes(initiatorType);
  if (!url.protocol.startsWith('http')) return;
  const pairs = ['#http.response.body.size', digits(entry.encodedBodySize)];
  for (const name of STEPS) {
    if (entry[name] > startTime) pairs.push(`!${name}`, micros(entry[name]));
  }
  if (isRequest) {
    const handle = call(MATCHING, startTime, [textOf(url)]);
    if (!handle) return;
    const crosses = url.origin !== origin && allows(url);
    // No entry says when the browser has asked another origin for permission: it is what
    // lies before the connection is made, or between one that was there and the request.
    const asked = [
      [startTime, entry.domainLookupStart],
      [Math.max(startTime, entry.connectEnd), entry.requestStart],
    ].find(([from, to]) => crosses && to > from + 1);
    if (asked) child('CORS preflight', traceparentOf(handle), ...asked);
    call(TIMED, responseEnd, pairs, handle);
  } else if (resources < MAX_RESOURCES) {
    pairs.push('@url.full', textOf(url), '#http.response.status_code', digits(entry.responseStatus));
    const handle = call(OPEN, startTime, [`resource ${initiatorType}`, '', ''], RESOURCE);
    resources += handle > 0;
    call(SETTLE, responseEnd, pairs, handle);
  }
};
