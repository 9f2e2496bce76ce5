// Carries batches to the collector when the core says so, with the browser's own
// fetch, so that nothing traces the tracing.

import {
  BATCH_SETTLED,
  FLUSH,
  HOLD,
  LAST_BATCH,
  LEAVE,
  TAKE_BATCH,
  WAKE,
  bytesGiven,
  call,
  forget,
} from './core.js';
import { encoded, filtered, rejectedByJson } from './full.js';
import { guarded, state, stop } from './guard.js';
import { erase, keep, sendKept } from './journal.js';
import { Headers, NativePromise, apply, clearTimeout, nativeFetch, now, origin, setTimeout } from './platform.js';
import { keepVisit } from './visit.js';

/* global FULL */

/** How long a collector may take to answer. */
const TIMEOUT_MS = 15_000;

/** How long what has been reported may wait to be looked at. */
const SOON_MS = 100;

/** Fewer bytes are not compressed. */
const WORTH_IT = 1000;

const sending = new Set();
const collecting = [];
/** Batches that are being compressed, by what sends them as they are. */
const compressing = new Set();
let base;
/** Headers for the collector. */
export let extra;
/** Whether spans, and whether log records are kept that may be sent again: until they have been
 * looked for, they may be. */
const waiting = [true, true];
let compress = false;
let timer = 0;
let timerAt = Infinity;

/** Stands for an answer where nothing was sent, see outbox.rs. */
const KEPT = 0xffff;

/** The paths that OTLP over HTTP gives to spans and to log records. */
const PATHS = ['/v1/traces', '/v1/logs'];

/** Has `collect` called whenever everything that is known is about to be sent. */
export const beforeLeaving = (collect) => collecting.push(collect);

/** Takes the options: the collector, by its base URL or by the one for traces, and headers for
 * it. Throws if a header is none. */
export const configureTransport = (options) => {
  base = options.collector.replace(/\/$/, '').replace(PATHS[0], '');
  const { headers } = options;
  extra = new Headers(
    typeof headers === 'string' ? headers.split(',').map((pair) => pair.split(/=(.*)/, 2)) : headers,
  );
  // Another origin has to permit the header that says so.
  const own = new URL(base).origin === origin;
  compress = window.CompressionStream && `${options.compress ?? own}` === 'true';
};

/** Starts carrying, and watches for the page going away. */
export const startTransport = () => {
  addEventListener('visibilitychange', () => {
    if (document.hidden) leave(false);
  });
  addEventListener('pagehide', () => leave(true));
  addEventListener('online', flush);
};

/** How long it is until something may be sent again after a failure. */
const holdOf = (logs) => call(HOLD, now(), undefined, logs);

/** To be called when something has been reported to the core. It is asked a little later what there
 * is to do: once for many reports. */
export const changed = () => arm(SOON_MS);

const arm = (delay) => {
  const at = now() + delay;
  if (state.mute || at >= timerAt) return;
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
  await NativePromise.all(sending);
};

/** Says whether anything may leave the page: `granted`, `denied` for good, or `pending`. */
export const consent = (answer) =>
  void guarded(() => {
    state.mute = answer !== 'granted';
    if (FULL && answer !== 'pending') keepVisit(!state.mute);
    if (answer === 'denied') {
      erase();
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
  // Log records first: errors are among them. What there is no room for any more is kept.
  for (const logs of [1, 0]) {
    const hold = holdOf(logs) || (leaving && !navigator.onLine);
    for (const urgency of leaving ? [1, 2] : [urgent]) {
      for (let length; (length = call(TAKE_BATCH, now(), undefined, urgency, logs)); ) {
        let body = bytesGiven(length).slice();
        const batch = call(LAST_BATCH, 0, undefined, logs);
        if (FULL) body = reviewed(body, logs);
        if (FULL && !body) settled(body, logs, batch, [200]);
        else if (hold || urgency > 1) settled(body, logs, batch, [KEPT]);
        else send(body, logs, batch, leaving);
      }
    }
    if (waiting[logs] && !hold && !leaving) {
      waiting[logs] = false;
      const again = (body, count, time) => send(body, logs, 0, false, count, time);
      track(sendKept(base, logs, again).catch(() => {}));
    }
  }
  const again = waiting.map((is, logs) => (is ? holdOf(logs) : Infinity));
  arm(Math.min(call(WAKE, now()), ...again));
};

/** What the site lets pass of a batch. What cannot be shown to it does not leave. */
const reviewed = (body, logs) => guarded(() => filtered(body, logs));

/** Has `flush` wait for something. */
const track = async (promise) => {
  sending.add(promise);
  await promise;
  sending.delete(promise);
};

/** Says what has become of a batch, and keeps it if it is to be sent again. */
const settled = (body, logs, batch, [status, rejected, wait], count, time) => {
  const kept = call(BATCH_SETTLED, now(), [status, rejected, wait, count], batch, logs);
  if (!kept) return true;
  keep(body, base, logs, kept, time);
  waiting[logs] = true;
};

/** Gives whether the collector has an opinion of it. */
const send = (body, logs, batch, leaving, count, time) => {
  // Even what fails at once is answered later: nobody may be in a loop over batches then.
  const sent = request(body, logs, leaving)
    .then(
      async (response) => [
        response.status,
        await rejectedBy(response).catch(() => 0),
        guarded(() => waitOf(response)),
      ],
      () => [0],
    )
    .then((answer) =>
      guarded(() => {
        const done = settled(body, logs, batch, answer, count, time);
        arm(0);
        return done;
      }),
    );
  track(sent);
  return sent;
};

const request = async (body, logs, leaving) => {
  const headers = new Headers(extra);
  let type = 'application/x-protobuf';
  if (FULL) [body, type] = encoded(body, logs);
  headers.set('content-type', type);
  if (compress && !leaving && body.length > WORTH_IT) {
    const zipped = await zip(body);
    if (zipped) {
      body = zipped;
      headers.set('content-encoding', 'gzip');
    }
    // Consent may have been taken back meanwhile.
    if (state.mute) throw 0;
  }
  return apply(nativeFetch, window, [
    base + PATHS[logs],
    {
      method: 'POST',
      headers,
      body,
      // Outlives the page; the core keeps within what that allows.
      keepalive: true,
      signal: AbortSignal.timeout(TIMEOUT_MS),
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
  if (FULL && /json/.test(response.headers.get('content-type'))) {
    return rejectedByJson(await response.text());
  }
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
