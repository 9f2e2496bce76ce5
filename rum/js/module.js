// The package: the same as a module, which starts when it is told to.

import { api, boot } from './boot.js';

/* global WASM */

export const { version, span, withSpan, event, recordError, traceId, consent, flush, stats } = api;

/** Starts, once a page; never throws. */
export const start = (options) => {
  try {
    boot(WASM, options);
  } catch {
    // A page whose window is locked down is left alone.
  }
};
