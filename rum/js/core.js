// The policy, and how text gets to it: its one function takes and gives numbers, texts lie
// in its memory. See bindings.rs, which says for each thing to do what it expects.

/** What the policy can be told to do. */
export const SEED = 0;
export const START = 1;
export const OPEN = 2;
export const DESCRIBE = 3;
export const SETTLE = 4;
export const TRACEPARENT = 5;
export const MATCHING = 6;
export const TIMED = 7;
export const LEAVE = 8;
export const FLUSH = 9;
export const WAKE = 10;
export const TAKE_BATCH = 11;
export const LAST_BATCH = 12;
export const BATCH_SETTLED = 13;
export const COUNT = 14;
export const IS_LOADING = 15;
export const TURN = 16;
export const LOG = 17;

/** Kinds of spans. */
export const PLAIN = 0;
export const REQUEST = 1;
export const CLICK = 2;
export const IDLE = 3;
export const PAGE = 4;

/** Longest text that is handed over. */
const MAX_TEXT = 4096;

let core;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Starts the policy from its module's bytes. Throws where there is no WebAssembly. */
export const load = (bytes) => {
  core = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
};

/** Gives up everything that the policy has kept. */
export const forget = () => {
  core = undefined;
};

/** Does one thing. Texts are whatever can be made one; those that are missing are empty. */
export const call = (what, time, texts, a, b) => {
  if (texts) {
    const text = texts.map((each) => String(each ?? '').replace(/\0/g, '').slice(0, MAX_TEXT));
    const bytes = encoder.encode(text.join('\0'));
    // The memory may grow, and be another buffer then: the place comes first.
    const at = core.reserve(bytes.length);
    new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
  }
  return core.call(what, a, b, time);
};

/** A copy of the bytes that the last call has given. */
export const takeBytes = (length) =>
  new Uint8Array(core.memory.buffer, core.output(), length).slice();

/** The `traceparent` of an open span, or of the latest interaction. */
export const traceparentOf = (handle) =>
  decoder.decode(takeBytes(call(TRACEPARENT, 0, undefined, handle)));

/** The parts of a URL that may be known: no credentials, no fragment. */
export const textOf = ({ origin, pathname, search }) => origin + pathname + search;

/** A point in time as a text for the policy. */
export const micros = (ms) => Math.round(ms * 1e3);
