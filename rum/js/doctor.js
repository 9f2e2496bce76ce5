// Finds out why nothing arrives, or why traces are not connected: a file of its own, loaded
// when somebody asks. It sends one empty request to the collector and says what came of it.

/** What a collector has to be told for a page on another origin. */
const recipe = (origin, names) => `receivers:
  otlp:
    protocols:
      http:
        cors:
          allowed_origins: ["${origin}"]
          allowed_headers: [${names.join(', ')}]
          max_age: 7200`;

/** What a request to the collector says. */
const headersOf = (own) => {
  const headers = new Headers(own);
  headers.set('content-type', 'application/x-protobuf');
  return headers;
};

/** How far the clocks may be apart, in milliseconds. */
const CLOCK_MS = 5_000;

/** Answers that have a name. */
const ANSWERS = {
  400: 'does not understand what is sent: is it a receiver of OTLP over HTTP?',
  401: 'wants credentials, which a page must not have: put a proxy before it',
  403: 'refuses this page',
  404: 'has nothing there: is the address the one of OTLP over HTTP, port 4318?',
  405: 'has something else there: is the address the one of OTLP over HTTP, port 4318?',
  413: 'takes no request of this size',
  415: 'takes no protobuf: is it a receiver of OTLP over HTTP?',
  429: 'is asked too often',
};

/** Examines a page: `options`, `stats` and the `headers` for the
 * collector are the library's, `fetch` the browser's own. Gives
 * a list of findings, each with what to do; it is empty if nothing is wrong. */
export const examine = async ({ options, stats, fetch, headers }) => {
  const findings = [];
  const find = (code, what, advice) => findings.push({ code, what, advice });
  const advice = /WebAssembly/.test(stats.reason)
    ? "Content-Security-Policy: script-src … 'wasm-unsafe-eval'"
    : '';
  if (stats.state === 'off') find('off', `The library is off: ${stats.reason}`, advice);
  else if (stats.reason) find('nowasm', `The library has ${stats.reason}`, advice);
  if (options.collector) await probe(new URL(options.collector, document.baseURI), find, fetch, headersOf(headers));
  else find('no-collector', 'No collector is given', 'data-collector="https://…" on the script tag');
  if (options.consent && options.consent !== 'granted') {
    find('consent', `Consent is ${options.consent}`, "throughlineRum.consent('granted')");
  }
  if (parseFloat(options.sampleRatio) < 1) {
    find('sampling', `Only ${options.sampleRatio} of all traces are recorded`, 'data-sample-ratio="1"');
  }
  for (const reason in stats.dropped) {
    const count = stats.dropped[reason];
    if (count) find('dropped', `${count} were lost or not recorded: ${reason}`, 'see stats() in docs/rum.md');
  }
  unlinked(options, find);
  for (const { code, what, advice } of findings) console.info(`throughline: [${code}] ${what}\n${advice}`);
  if (!findings.length) console.info('throughline: nothing is wrong');
  return findings;
};

const probe = async (collector, find, fetch, headers) => {
  if (location.protocol === 'https:' && collector.protocol === 'http:' && !/^(localhost|127\.|\[::1)/.test(collector.host)) {
    return find('mixed-content', 'A page of https may not send to a collector of http', 'give the collector a certificate');
  }
  const base = collector.href.replace(/\/$/, '').replace(/\/v1\/traces$/, '');
  let violated = '';
  const watch = (event) => (violated ||= event.violatedDirective);
  document.addEventListener('securitypolicyviolation', watch);
  for (const path of ['/v1/traces', '/v1/logs']) {
    const url = base + path;
    const answer = await fetch(url, { method: 'POST', headers, body: '' }).catch(() => null);
    if (answer?.ok) {
      const skew = Date.now() - Date.parse(answer.headers.get('date'));
      if (Math.abs(skew) > CLOCK_MS) {
        find('clock', `This clock is ${Math.round(skew / 1e3)} s ahead of the collector's`, 'set the clocks');
      }
      continue;
    }
    if (answer) {
      find(`status-${answer.status}`, `${url} answers ${answer.status}: the collector ${ANSWERS[answer.status] ?? 'fails'}`, '');
      continue;
    }
    // The events of violations come in tasks of their own.
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (violated) {
      find('csp', `The page's policy forbids ${url}`, `Content-Security-Policy: ${violated} … ${collector.origin}`);
      break;
    }
    // Without CORS no permission is asked for: if that goes through, somebody is there.
    const there = await fetch(url, { method: 'POST', mode: 'no-cors', body: '' }).then(() => true, () => false);
    if (there) find('cors', `${collector.origin} does not permit requests of ${location.origin}`, recipe(location.origin, ['content-encoding', ...headers.keys()]));
    else find('unreachable', `${url} cannot be reached`, 'is the collector running, and does no extension of the browser block it?');
    break;
  }
  document.removeEventListener('securitypolicyviolation', watch);
};

/** Other origins that requests went to without a header. */
const unlinked = (options, find) => {
  const own = [location.origin, new URL(options.collector || '/', location).origin];
  const list = [options.propagateTo ?? []].flat().join(' ');
  const others = new Set(
    performance
      .getEntriesByType('resource')
      .filter((entry) => /^(fetch|xmlhttprequest)$/.test(entry.initiatorType))
      .map((entry) => new URL(entry.name).origin)
      .filter((origin) => !own.includes(origin) && !list.includes(origin)),
  );
  for (const origin of others) {
    find('not-linked', `Requests to ${origin} carry no trace header`, `data-propagate-to="${origin}", and there: Access-Control-Allow-Headers: traceparent`);
  }
};
