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
export const TURN = 15;
export const LOG = 16;
export const HOLD = 17;
export const HEADERS = 18;

/** Kinds of spans. */
export const PLAIN = 0;
export const REQUEST = 1;
export const CLICK = 2;
export const IDLE = 3;
export const PAGE = 4;
export const RESOURCE = 5;

/** Longest text that is handed over, and all texts of a call together: the memory that they go
 * through is never given back. */
const MAX_TEXT = 4096;
const MAX_TEXTS = 1e5;

let core;
let make;
/** The policy's memory, where texts go. */
let room = new Uint8Array();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Takes what the policy's module exports, in whichever form it runs. */
export const load = (exports) => {
  core = exports;
};

/** Has the policy made when it is first asked for something: a page that starts has better things
 * to do. */
export const loadLate = (act) => {
  make = act;
};

/** The policy from its module's bytes. Throws where there is no WebAssembly. */
export const compiled = (bytes) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

/** Gives up everything that the policy has kept. */
export const forget = () => {
  core = make = undefined;
};

/* global FULL, WASM_KEY */

/** Bytes as the text that `bytesOf` reads. */
export const textOfBytes = (bytes) => String.fromCharCode(...bytes.map((byte) => byte ^ WASM_KEY));

/** A loop: an iterator over the text takes ten times as long. */
export const bytesOf = (text) => {
  const bytes = new Uint8Array(text.length);
  for (let i = text.length; i--; ) bytes[i] = text.charCodeAt(i) ^ WASM_KEY;
  return bytes;
};

/** Whatever a page has given as a text. */
const plain = (value) => {
  try {
    return String(value ?? '').replaceAll('\0', '').slice(0, MAX_TEXT);
  } catch {
    // It throws when it is asked for one.
    return '';
  }
};

/** Does one thing. Texts are whatever can be made one; those that are missing are empty. */
export const call = (what, time, texts, a, b) => {
  core || make();
  let length = 0;
  if (texts) {
    const text = texts.map(plain).join('\0').slice(0, MAX_TEXTS);
    // A character takes three bytes at most. When the memory grows it is another buffer.
    const most = text.length * 3;
    if (room.length < most || room.buffer !== core.memory.buffer) {
      // The place comes first: the memory may grow.
      const at = core.reserve(most);
      room = new Uint8Array(core.memory.buffer, at, most);
    }
    length = encoder.encodeInto(text, room).written;
  }
  return core.call(what, a, b, time, length);
};

/** The bytes that the last call has given, until the next one. */
export const bytesGiven = (length) => new Uint8Array(core.memory.buffer, core.output(), length);

/** What a call gives as text. */
const textFrom = (what, a, b) => decoder.decode(bytesGiven(call(what, 0, undefined, a, b)));

/** The `traceparent` of an open span, or of the latest interaction. */
export const traceparentOf = (handle) => textFrom(TRACEPARENT, handle);

/** The headers that tell a server of an open span, as pairs. */
export const headersOf = (handle, own) =>
  FULL
    ? textFrom(HEADERS, handle, own).match(/[^\0]+\0[^\0]+/g).map((pair) => pair.split('\0'))
    : [['traceparent', traceparentOf(handle)]];

/** A whole number as a text for the policy, empty for zero. The usual way to write numbers fills a
 * cache of 64 KiB, which many pages never need. */
export const digits = (number) => (number ? number.toFixed() : '');

/** A point in time as a text for the policy. */
export const micros = (ms) => digits(ms * 1e3);
