// Carries batches to the collector when the core says so, with the browser's own
// fetch, so that nothing traces the tracing.

import {
  BATCH_SETTLED,
  FLUSH,
  LAST_BATCH,
  LEAVE,
  TAKE_BATCH,
  WAKE,
  call,
  forget,
  takeBytes,
} from './core.js';
import { guarded, state, stop } from './guard.js';
import { NativePromise, apply, clearTimeout, nativeFetch, now, setTimeout } from './platform.js';

/** How long a collector may take to answer. */
const TIMEOUT_MS = 15_000;

/** Fewer bytes are not compressed. */
const WORTH_IT = 1000;

const sending = new Set();
const collecting = [];
/** Batches that are being compressed, by what sends them as they are. */
const compressing = new Set();
let endpoints = [];
let compress = false;
let timer = 0;
let timerAt = Infinity;

/** The paths that OTLP over HTTP gives to spans and to log records. */
const PATHS = ['/v1/traces', '/v1/logs'];

/** Has `collect` called whenever everything that is known is about to be sent. */
export const beforeLeaving = (collect) => collecting.push(collect);

/** Starts carrying to a collector, given by its base URL or by the one for traces,
 * and watches for the page going away. */
export const startTransport = (options) => {
  const base = options.collector.replace(/\/$/, '').replace(PATHS[0], '');
  endpoints = PATHS.map((path) => base + path);
  // Another origin has to permit the header that says so.
  const own = new URL(base).origin === location.origin;
  compress = window.CompressionStream && `${options.compress ?? own}` === 'true';
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') leave(false);
  });
  window.addEventListener('pagehide', () => leave(true));
};

/** To be called when something has been reported to the core. */
export const changed = () => {
  if (state.mute) return void call(WAKE, now());
  const delay = call(WAKE, now());
  const at = now() + delay;
  if (delay < 0 || at >= timerAt) return;
  clearTimeout(timer);
  timerAt = at;
  // Never early, and never at once: the core would only say so again, such as when
  // what is under way leaves no room.
  timer = setTimeout(() => guarded(pump), delay + 20);
};

/** Sends all that is finished; resolves when it has been answered or has failed. */
export const flush = async () => {
  guarded(() => {
    collect(false);
    call(FLUSH, now());
    pump(true);
  });
  await Promise.all(sending);
};

/** Says whether anything may leave the page: `granted`, `denied` for good, or `pending`. */
export const consent = (answer) =>
  void guarded(() => {
    state.mute = answer !== 'granted';
    if (answer === 'denied') {
      stop('consent was denied');
      forget();
    } else changed();
  });

const collect = (leaving) => collecting.forEach((each) => guarded(() => each(leaving)));

const leave = (finally_) =>
  guarded(() => {
    collect(true);
    call(LEAVE, now(), undefined, finally_);
    pump(true, true);
    compressing.forEach((send) => send());
  });

const pump = (urgent, leaving) => {
  clearTimeout(timer);
  timerAt = Infinity;
  call(WAKE, now());
  if (state.mute) return;
  for (const logs of [0, 1]) {
    for (let length; (length = call(TAKE_BATCH, now(), undefined, urgent, logs)); ) {
      send(takeBytes(length), call(LAST_BATCH, 0, undefined, logs), logs, leaving);
    }
  }
  changed();
};

const send = (body, batch, logs, leaving) => {
  const answered = (status, rejected, wait) =>
    guarded(() => {
      sending.delete(sent);
      call(BATCH_SETTLED, now(), [status, rejected, wait], batch, logs);
      changed();
    });
  // Even what fails at once is answered later: nobody may be in a loop over batches then.
  const sent = request(body, logs, leaving).then(
    async (response) =>
      answered(response.status, await rejectedBy(response).catch(() => 0), waitOf(response)),
    () => answered(0),
  );
  sending.add(sent);
};

const request = async (body, logs, leaving) => {
  const headers = { 'content-type': 'application/x-protobuf' };
  if (compress && !leaving && body.length > WORTH_IT) {
    const zipped = await zip(body);
    if (zipped) {
      body = zipped;
      headers['content-encoding'] = 'gzip';
    }
    // Consent may have been taken back meanwhile.
    if (state.mute) throw 0;
  }
  return apply(nativeFetch, window, [
    endpoints[logs],
    {
      method: 'POST',
      headers,
      body,
      // Outlives the page; the core keeps within what that allows.
      keepalive: true,
      signal: AbortSignal.timeout?.(TIMEOUT_MS),
    },
  ]);
};

/** The bytes compressed; nothing when the page is left before that is done. */
const zip = (body) =>
  new NativePromise((resolve) => {
    const giveUp = () => {
      compressing.delete(giveUp);
      resolve();
    };
    compressing.add(giveUp);
    const stream = new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'));
    new Response(stream).arrayBuffer().then((bytes) => {
      compressing.delete(giveUp);
      resolve(bytes);
    }, giveUp);
  });

/** How many spans of a batch a collector has not taken: `partial_success` is field 1 of its
 * answer, in it the number is field 1. Nothing long is read. */
const rejectedBy = async (response) => {
  const length = response.headers.get('content-length');
  if (!response.ok || !(length > 0 && length < 4096)) return 0;
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes[0] !== 10 || bytes[2] !== 8) return 0;
  let number = 0;
  for (let at = 3, shift = 0; at < 8; at++, shift += 7) {
    number += (bytes[at] & 127) * 2 ** shift;
    if (bytes[at] < 128) break;
  }
  return number;
};

/** How long the collector wants to be left alone, in microseconds. */
const waitOf = (response) => {
  const text = response.headers.get('retry-after');
  const seconds = text > 0 ? text : (Date.parse(text) - Date.now()) / 1e3;
  return seconds > 0 ? Math.round(seconds * 1e6) : 0;
};
