// The script tag: starts the core from the bytes in this very file, hooks into the
// page, and puts `window.throughlineRum` there. Where anything is missing the page
// is left as it was, and `stats()` says why.

import { hookClicks } from './click.js';
import { core, give, load, partsOf, takeBytes, takeText } from './core.js';
import { hookDocumentLoad } from './document_load.js';
import { hookFetch } from './fetch.js';
import { go, guarded, state, stop } from './guard.js';
import { timeOrigin } from './platform.js';
import { changed, flush, startTransport } from './transport.js';

/** What the numbers of the core's statistics are, in its order: the first four, then
 * those that count lost spans. */
const NUMBERS = 'started exported queued open queue size rejected sampled limit'.split(' ');
const NOT_LOST = 4;

// The build puts these in place.
/* global VERSION, WASM, WASM_KEY */

const boot = (wasm) => {
  // A second copy would trace everything twice.
  if (window.throughlineRum) return;
  window.throughlineRum = Object.freeze({ version: VERSION, traceId, flush, stats });

  const script = document.currentScript || document.querySelector('script[data-collector]');
  const options = { ...script?.dataset };
  if (!options.collector) return off('no data-collector on the script tag');
  const absolute = (url) => new URL(url, document.baseURI);
  try {
    options.collector = absolute(options.collector).href;
    // As the browser writes origins: without the scheme's own port, in lower case.
    const others = (options.propagateTo || '').match(/[^\s,]+/g) || [];
    options.propagateTo = others.map((origin) => absolute(origin).origin).join(' ');
  } catch (error) {
    return off(`an attribute of the script tag is not a URL: ${error}`);
  }
  options.service ||= location.hostname || 'web';
  options.origin = location.origin;
  options.userAgent = navigator.userAgent;
  options.language = navigator.language;
  try {
    load(Uint8Array.from(wasm, (char) => char.charCodeAt() ^ WASM_KEY));
    give(...Object.entries(options).flat(), '', ...partsOf(location));
    core.start(timeOrigin, parseFloat(options.sampleRatio), ...randomNumbers());
    go();
  } catch (error) {
    return off(`WebAssembly does not start here: ${error}`);
  }
  guarded(() => startTransport(options.collector));
  // Each by itself: one that cannot be put in place leaves the others.
  for (const hook of [hookFetch, hookClicks, hookDocumentLoad]) guarded(() => hook(changed));
};

const off = (reason) => {
  stop(reason);
  console.warn(`throughline: off, ${reason}`);
};

const traceId = () => guarded(() => takeText(core.trace_id())) || null;

const stats = () => {
  const all = { state: state.on ? 'on' : 'off', reason: state.reason, dropped: {} };
  guarded(() => {
    const numbers = new Float64Array(takeBytes(core.stats()).buffer);
    NUMBERS.forEach((name, i) => {
      (i < NOT_LOST ? all : all.dropped)[name] = numbers[i];
    });
  });
  return all;
};

/** Four 32-bit numbers, from the best source that there is. */
const randomNumbers = () => {
  try {
    return crypto.getRandomValues(new Uint32Array(4));
  } catch {
    return [0, 0, 0, 0].map(() => Math.random() * 2 ** 32);
  }
};

try {
  // The module's bytes as text, one character each, at the very end of the script:
  // text and code compress better apart.
  boot(WASM);
} catch {
  // A page whose window is locked down is left alone.
}
