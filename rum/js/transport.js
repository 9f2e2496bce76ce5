// Carries batches to the collector when the core says so, with the browser's own
// fetch, so that nothing traces the tracing.

import { core, takeBytes } from './core.js';
import { reportTiming } from './document_load.js';
import { guarded } from './guard.js';
import { apply, clearTimeout, nativeFetch, now, setTimeout } from './platform.js';

/** How long a collector may take to answer. */
const TIMEOUT_MS = 15_000;

const sending = new Set();
let endpoint = '';
let timer = 0;
let timerAt = Infinity;

/** The path that OTLP over HTTP gives to traces. */
const PATH = '/v1/traces';

/** Starts carrying to a collector, given by its base URL or by the one for traces,
 * and watches for the page going away. */
export const startTransport = (collector) => {
  endpoint = collector.replace(/\/$/, '');
  if (!endpoint.endsWith(PATH)) endpoint += PATH;
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') leave(false);
  });
  window.addEventListener('pagehide', () => leave(true));
};

/** To be called when something has been reported to the core. */
export const changed = () => {
  const delay = core.wake(now());
  const at = now() + delay;
  if (delay < 0 || at >= timerAt) return;
  clearTimeout(timer);
  timerAt = at;
  // Never early: the core would only say so again.
  timer = setTimeout(() => guarded(() => pump(false)), Math.ceil(delay));
};

/** Sends all that is finished; resolves when it has been answered or has failed. */
export const flush = async () => {
  guarded(() => {
    core.flush(now());
    pump(true);
  });
  await Promise.all(sending);
};

const leave = (finally_) =>
  guarded(() => {
    reportTiming();
    core.leave(now(), finally_);
    pump(true);
  });

const pump = (urgent) => {
  clearTimeout(timer);
  timerAt = Infinity;
  core.wake(now());
  for (let length; (length = core.take_batch(now(), urgent)); ) {
    send(takeBytes(length), core.last_batch());
  }
  changed();
};

const send = async (body, batch) => {
  const answered = (status) =>
    guarded(() => {
      core.batch_settled(batch, status, now());
      changed();
    });
  let sent;
  try {
    sent = apply(nativeFetch, window, [
      endpoint,
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body,
        // Outlives the page; the core keeps within what that allows.
        keepalive: true,
        signal: AbortSignal.timeout?.(TIMEOUT_MS),
      },
    ]).then(
      (response) => answered(response.status),
      () => answered(0),
    );
    sending.add(sent);
    await sent;
  } catch {
    answered(0);
  }
  sending.delete(sent);
};
