// The package: the same as a module, which starts when it is told to.

import { api, boot } from './boot.js';

/* global WASM */

export const { version, span, withSpan, event, recordError, traceId, consent, flush, stats, doctor } =
  api;

/** Starts, once a page; never throws. */
export const start = (options) => {
  try {
    boot(bring, WASM, options);
  } catch {
    // A page whose window is locked down is left alone.
  }
};

/** By their names as they are, so that bundlers find them. */
const bring = (name) =>
  name === 'doctor' ? import('./throughline-doctor.js') : import('./throughline-nowasm.js');
