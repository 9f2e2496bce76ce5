// Starts everything: the core from its bytes, the hooks, the transport; and puts
// `window.throughlineRum` there. Where anything is missing the page is left as it was, and
// `stats()` says why.

import { event, hookErrors, recordError, span, withSpan } from './api.js';
import { hookClicks } from './click.js';
import {
  COUNT,
  SEED,
  START,
  bytesOf,
  call,
  compiled,
  load,
  loadLate,
  traceparentOf,
} from './core.js';
import { hookFetch } from './fetch.js';
import { configureFull, countFull, fullFacts } from './full.js';
import { go, guarded, state, stop } from './guard.js';
import { keptCount, lost } from './journal.js';
import { hookPage } from './page.js';
import { nativeFetch, timeOrigin } from './platform.js';
import { configureRequests } from './requests.js';
import { serverSpan } from './server.js';
import { configureTransport, consent, extra, flush, startTransport } from './transport.js';
import { keepVisit } from './visit.js';
import { hookXhr } from './xhr.js';

/** Why something was lost, in the core's order. */
const LOST = 'queue size rejected sampled limit attribute'.split(' ');

/** What only `throughline-full.js` can do. Without it nothing is done at all: to leave out what
 * somebody has asked for could cost them money, or their users' privacy. */
const ELSEWHERE =
  'baggage beforeSend dryRun encoding formats maxSpansPerSecond sampleAlways spansPerMinute traceLevel urlTemplates';

// The build puts these in place.
/* global FULL, VERSION */

let options = {};
let part;

/** Starts, once a page. `given` are options that win over those of the script tag; `bring` loads
 * what most pages do without, by its name. */
export const boot = (bring, wasm, given) => {
  // A second copy would trace everything twice.
  const before = window.throughlineRum;
  if (before?.version) return;
  window.throughlineRum = Object.freeze(api);

  const script = document.currentScript || document.querySelector('script[data-collector]');
  options = { ...before?.options, ...script?.dataset, ...given };
  part = bring;
  if (!options.collector) return off('no collector is given');
  const missing = !FULL && ELSEWHERE.split(' ').find((name) => options[name]);
  if (missing) return off(`${missing} is in throughline-full.js`);
  try {
    options.collector = new URL(options.collector, document.baseURI).href;
    configureRequests(options);
    configureTransport(options);
    options.sampleRatio = parseFloat(options.sampleRatio);
    if (FULL) configureFull(options);
  } catch (error) {
    return off(`an option is wrong: ${error}`);
  }
  // What the page says of its server's span it says before the script.
  const [server, stale] = serverSpan();
  const start = (exports) => {
    load(exports);
    const [a, b, c, d] = randomNumbers();
    call(SEED, c * 2 ** 20 + (d >>> 12), undefined, a, b);
    const facts = [
      'service.name',
      options.service || location.hostname || 'web',
      'service.version',
      options.serviceVersion,
      'deployment.environment.name',
      options.environment,
      'user_agent.original',
      navigator.userAgent,
      'browser.language',
      navigator.language,
      'server',
      server,
    ];
    if (FULL) facts.push(...Object.entries(fullFacts).flat());
    call(START, timeOrigin(), facts, options.sampleRatio);
  };
  const begin = () => {
    // Given but not understood, it is not consent.
    state.mute = (options.consent ?? 'granted') !== 'granted';
    go();
    if (FULL && !state.mute) keepVisit(true);
    if (options.consent === 'denied') consent('denied');
    guarded(startTransport);
    // Each by itself: one that cannot be put in place leaves the others.
    for (const hook of [hookFetch, hookXhr]) guarded(hook);
    if (FULL) guarded(hookClicks);
    guarded(() => hookPage(stale));
    // What was called before there was anything to call.
    guarded(() => before?.q?.forEach(([name, ...args]) => guarded(() => api[name](...args))));
  };
  hookErrors();
  try {
    // Whether it is allowed shows at once, by the header alone, which is a whole module. The core
    // waits until it has something to do: on a page that makes no request, after its load.
    compiled(bytesOf(wasm.slice(0, 8)));
    loadLate(() => {
      try {
        start(compiled(bytesOf(wasm)));
      } catch (error) {
        off(`${error}`);
      }
      wasm = 0;
    });
    begin();
  } catch (error) {
    // Forbidden or not there: the core's other form is fetched, and what happens until then waits.
    state.late = [];
    bring('nowasm')
      .then((other) => other.run(start, begin, state, guarded))
      .catch(() => off(`${error}`));
  }
};

const off = (reason) => {
  stop(reason);
  console.warn(`throughline: off, ${reason}`);
};

const traceId = () => guarded(() => traceparentOf(0).slice(3, 35)) || null;

const stats = () => {
  const dropped = {};
  const all = { state: state.on ? 'on' : 'off', reason: state.reason, dropped };
  const count = (which, logs) => call(COUNT, 0, undefined, which, logs);
  guarded(() => {
    all.started = count(0);
    all.exported = count(1);
    all.logs = count(1, 1);
    all.queued = count(99);
    all.open = count(99, 1);
    all.kept = keptCount();
    dropped.journal = lost.count;
    LOST.forEach((name, i) => (dropped[name] = count(i + 2) + count(i + 2, 1)));
    if (FULL) countFull(all);
  });
  return all;
};

/** Loads what finds out why nothing arrives, and has it look. */
const doctor = async () => {
  const { examine } = await part('doctor');
  return examine({ options, stats: stats(), fetch: nativeFetch.bind(window), headers: extra });
};

/** Four 32-bit numbers, from the best source that there is. */
const randomNumbers = () => {
  try {
    return crypto.getRandomValues(new Uint32Array(4));
  } catch {
    return [0, 0, 0, 0].map(() => Math.random() * 2 ** 32);
  }
};

/** What pages call. */
export const api = {
  version: VERSION,
  span,
  withSpan,
  event,
  recordError,
  traceId,
  consent,
  flush,
  stats,
  doctor,
};
