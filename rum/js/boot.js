// Starts everything: the core from its bytes, the hooks, the transport; and puts
// `window.throughlineRum` there. Where anything is missing the page is left as it was, and
// `stats()` says why.

import { event, hookErrors, recordError, span, withSpan } from './api.js';
import { hookClicks } from './click.js';
import { COUNT, SEED, START, call, load, traceparentOf } from './core.js';
import { hookFetch } from './fetch.js';
import { go, guarded, state, stop } from './guard.js';
import { hookPage } from './page.js';
import { nativeFetch, timeOrigin } from './platform.js';
import { configureRequests } from './requests.js';
import { serverSpan } from './server.js';
import { consent, flush, startTransport } from './transport.js';
import { hookXhr } from './xhr.js';

/** What the numbers of the core's statistics are, in its order: the first five, then
 * those that count what was lost. */
const NUMBERS = 'started exported queued open logs queue size rejected sampled limit'.split(' ');
const NOT_LOST = 5;

// The build puts these in place.
/* global CLICKS, VERSION, WASM_KEY */

let options = {};
let source;

/** Starts, once a page. `given` are options that win over those of the script tag. */
export const boot = (wasm, given) => {
  // A second copy would trace everything twice.
  const before = window.throughlineRum;
  if (before?.version) return;
  window.throughlineRum = Object.freeze(api);

  const script = document.currentScript || document.querySelector('script[data-collector]');
  options = { ...before?.options, ...script?.dataset, ...given };
  source = script?.src;
  if (!options.collector) return off('no collector is given');
  try {
    options.collector = new URL(options.collector, document.baseURI).href;
    configureRequests(options);
  } catch (error) {
    return off(`an option is not a URL: ${error}`);
  }
  let server;
  try {
    load(bytesOf(wasm));
    const [a, b, c, d] = randomNumbers();
    call(SEED, c * 2 ** 20 + (d >>> 12), undefined, a, b);
    server = serverSpan();
    const facts = {
      'service.name': options.service || location.hostname || 'web',
      'service.version': options.serviceVersion,
      'deployment.environment.name': options.environment,
      'user_agent.original': navigator.userAgent,
      'browser.language': navigator.language,
      traceLevel: options.traceLevel,
      server: server.stale ? '' : server.text,
    };
    call(START, timeOrigin(), Object.entries(facts).flat(), parseFloat(options.sampleRatio));
    // Given but not understood, it is not consent.
    state.mute = (options.consent ?? 'granted') !== 'granted';
    go();
    if (options.consent === 'denied') consent('denied');
  } catch (error) {
    return off(`WebAssembly does not start here: ${error}`);
  }
  guarded(() => startTransport(options));
  // Each by itself: one that cannot be put in place leaves the others.
  for (const hook of [hookFetch, hookXhr, hookErrors]) guarded(hook);
  if (CLICKS) guarded(hookClicks);
  guarded(() => hookPage(server.stale ? server.text : ''));
  // What was called before there was anything to call.
  guarded(() => before?.q?.forEach(([name, ...args]) => guarded(() => api[name](...args))));
};

/** A loop: an iterator over the text takes ten times as long. */
const bytesOf = (wasm) => {
  const bytes = new Uint8Array(wasm.length);
  for (let i = wasm.length; i--; ) bytes[i] = wasm.charCodeAt(i) ^ WASM_KEY;
  return bytes;
};

const off = (reason) => {
  stop(reason);
  console.warn(`throughline: off, ${reason}`);
};

const traceId = () => guarded(() => traceparentOf(0).slice(3, 35)) || null;

const stats = () => {
  const all = { state: state.on ? 'on' : 'off', reason: state.reason, dropped: {} };
  guarded(() => {
    NUMBERS.forEach((name, i) => {
      (i < NOT_LOST ? all : all.dropped)[name] = call(COUNT, 0, undefined, i);
    });
  });
  return all;
};

/** Loads what finds out why nothing arrives, and has it look. */
const doctor = async () => {
  const { examine } = await import(new URL('throughline-doctor.js', source).href);
  return examine({ options, stats: stats(), fetch: nativeFetch.bind(window) });
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
