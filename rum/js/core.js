// The policy, and how text gets to it: its functions take and give numbers, texts lie
// in its memory. See bindings.rs, which says for each function what it expects there.

/** The functions of the policy, and its memory; there once it has started. */
export let core;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Starts the policy from its module's bytes. Throws where there is no WebAssembly. */
export const load = (bytes) => {
  core = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
};

/** The parts of a URL that the policy wants, of a `URL` or of the page's location. */
export const partsOf = ({ origin, hostname, port, pathname, search }) => [
  origin,
  hostname,
  port,
  pathname,
  search,
];

/** Lays texts down for the next call. */
export const give = (...texts) => {
  const bytes = encoder.encode(texts.join('\0'));
  // The memory may grow, and be another buffer then: the place comes first.
  const at = core.reserve(bytes.length);
  new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
};

/** A copy of the bytes that the last call has given. */
export const takeBytes = (length) =>
  new Uint8Array(core.memory.buffer, core.output(), length).slice();

/** The text that the last call has given. */
export const takeText = (length) => decoder.decode(takeBytes(length));
