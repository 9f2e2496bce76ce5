// The script tag: starts at once.

import { boot } from './boot.js';

/* global WASM */

try {
  const { src } = document.currentScript ?? {};
  // The module's bytes as text, one character each, at the very end of the script:
  // text and code compress better apart.
  boot(async (name) => import(new URL(`throughline-${name}.js`, src)), WASM);
} catch {
  // A page whose window is locked down is left alone.
}
