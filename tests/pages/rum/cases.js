// What pages do with fetch and XMLHttpRequest, one case a line or a few. Each runs in a page
// of its own, once with the script tag and once without; what it logs, and what the server
// saw of it, has to be the same. `before` runs before the script tag does.
'use strict';

/** The log of the case that runs. */
const lines = [];
const log = (...words) => void lines.push(words.map(text).join(' '));

const caseName = new URLSearchParams(location.search).get('case') ?? '';

/** Another origin. */
const OTHER = '{{other}}';

/** An address of the server, which keeps a log of its own by `c`. */
const at = (path) => `/${path}${path.includes('?') ? '&' : '?'}c=${encodeURIComponent(caseName)}`;

const text = (word) => {
  if (word instanceof Error || word instanceof DOMException) return `${word.name}: ${word.message}`;
  if (typeof word === 'function' || typeof word === 'symbol') return String(word);
  return typeof word === 'string' ? word : (JSON.stringify(word) ?? String(word));
};

/** Logs what an action gives: whether it throws at once or rejects later, and with what. */
const outcome = async (act) => {
  let promise;
  try {
    promise = act();
  } catch (error) {
    return log('throws', error);
  }
  log('gives', Object.prototype.toString.call(promise), promise instanceof Promise);
  try {
    await response(await promise);
  } catch (error) {
    log('rejects', error);
  }
};

const response = async (it) => {
  log(it.status, it.statusText, it.type, it.redirected, it.ok, it.bodyUsed, new URL(it.url || 'x:', location).pathname);
  if (it.type !== 'opaque') log(await it.text());
};

const own = (object) => Reflect.ownKeys(object).map((key) => [String(key), text(object[key])]);

/** An XMLHttpRequest with its events logged. */
const xhr = (method, path, ...rest) => {
  const it = new XMLHttpRequest();
  for (const type of ['loadstart', 'load', 'error', 'abort', 'timeout', 'loadend', 'readystatechange']) {
    it.addEventListener(type, (event) => log(type, it.readyState, it.status, event.isTrusted));
  }
  it.open(method, at(path), ...rest);
  return it;
};
const ended = (it) => new Promise((resolve) => it.addEventListener('loadend', () => setTimeout(resolve)));
const attempt = (act) => {
  try {
    log('gives', act());
  } catch (error) {
    log('throws', error);
  }
};
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A wrapper such as other libraries put around fetch. */
const wrap = (name) => {
  const inner = window.fetch;
  const outer = function (...args) {
    // What the script tag sends to its collector is its own affair.
    if (String(args[0]).includes('c=')) log(name, String(args[0]));
    return inner.apply(this, args);
  };
  window.fetch = outer;
  return () => (window.fetch = inner);
};

const cases = {
  // What fetch is given.
  'fetch without an argument': () => outcome(() => fetch()),
  'fetch undefined': () => outcome(() => fetch(undefined)),
  'fetch null': () => outcome(() => fetch(null)),
  'fetch a bad URL': () => outcome(() => fetch('http://[')),
  'fetch a URL with credentials': () => outcome(() => fetch('http://a:b@127.0.0.1/')),
  'fetch a scheme that is none': () => outcome(() => fetch('nothing:there')),
  'fetch data': () => outcome(() => fetch('data:text/plain,hello')),
  'fetch a blob': () => outcome(() => fetch(URL.createObjectURL(new Blob(['hello']))).then((r) => r.text()).then(log)),
  'fetch a Symbol': () => outcome(() => fetch(Symbol('x'))),
  'fetch an object with toString': () => outcome(() => fetch({ toString: () => (log('asked'), at('echo')) })),
  'fetch an object whose toString throws': () => outcome(() => fetch({ toString() { throw new RangeError('mine'); } })),
  'fetch a URL object': () => outcome(() => fetch(new URL(at('echo'), location))),
  'fetch a URL with a fragment': () => outcome(() => fetch(`${at('echo')}#there`)),
  'fetch an empty address': () => outcome(() => fetch('').then((r) => ({ ...r, status: r.status, text: async () => '' }))),
  'fetch with another this': () => outcome(() => fetch.call({}, at('echo'))),
  'fetch with no this': () => outcome(() => (0, fetch)(at('echo'))),
  'fetch by new': () => attempt(() => new fetch(at('echo'))),
  'fetch with more arguments': () => outcome(() => fetch(at('echo'), {}, 1, 2)),
  'fetch with init null': () => outcome(() => fetch(at('echo'), null)),
  'fetch with init a number': () => outcome(() => fetch(at('echo'), 5)),
  'fetch with init a function': () => outcome(() => fetch(at('echo'), () => {})),
  // What init is.
  'a frozen init': () => outcome(() => fetch(at('echo'), Object.freeze({ method: 'PUT', body: 'x', headers: Object.freeze({ a: '1' }) }))),
  'an init of getters': () => outcome(() => fetch(at('echo'), { get method() { log('method'); return 'POST'; }, get headers() { log('headers'); return { a: '1' }; }, get body() { log('body'); return 'b'; } })),
  'an init with an inherited method': () => outcome(() => fetch(at('echo'), Object.create({ method: 'POST', body: 'b' }))),
  'an init without a prototype': () => outcome(() => fetch(at('echo'), Object.assign(Object.create(null), { method: 'POST', body: 'b' }))),
  'an init that is a class': () => outcome(() => fetch(at('echo'), new (class { method = 'POST'; get body() { return 'b'; } })())),
  'an init that is a proxy': () => outcome(() => fetch(at('echo'), new Proxy({ method: 'PUT', body: 'b', headers: { a: '1' } }, {}))),
  'an init used again': async () => {
    const init = { method: 'POST', body: 'b', headers: { a: '1' } };
    for (const path of ['echo', 'echo?again', 'other/echo']) await outcome(() => fetch(at(path), init));
    log(own(init), own(init.headers));
  },
  'an init with keys of its own': () => outcome(() => fetch(at('echo'), { [Symbol('s')]: 1, mine: 2 })),
  'a method in lower case': () => outcome(() => fetch(at('echo'), { method: 'post', body: 'b' })),
  'the method patch': () => outcome(() => fetch(at('echo'), { method: 'patch', body: 'b' })),
  'a method that is forbidden': () => outcome(() => fetch(at('echo'), { method: 'TRACE' })),
  'a method that is none': () => outcome(() => fetch(at('echo'), { method: 'a b' })),
  'a method that is an object': () => outcome(() => fetch(at('echo'), { method: { toString: () => (log('asked'), 'PUT') } })),
  'a body with GET': () => outcome(() => fetch(at('echo'), { body: 'b' })),
  'bodies of all kinds': async () => {
    const form = new FormData();
    form.append('a', 'b');
    for (const body of ['text', new Blob(['blob'], { type: 'text/x' }), new URLSearchParams({ a: 'b c' }), new Uint8Array([65, 66]), new ArrayBuffer(3), null, undefined, 5]) {
      await outcome(() => fetch(at('echo'), { method: 'POST', body }));
    }
    await fetch(at('length'), { method: 'POST', body: form }).then((r) => log(r.status));
  },
  // Headers.
  'headers as an object': () => outcome(() => fetch(at('echo'), { headers: { 'X-A': '1', 'x-b': 2 } })),
  'headers as an array': () => outcome(() => fetch(at('echo'), { headers: [['X-A', '1'], ['x-a', '2']] })),
  'headers as an array of frozen pairs': () => outcome(() => fetch(at('echo'), { headers: Object.freeze([Object.freeze(['X-A', '1'])]) })),
  'headers as a bad array': () => outcome(() => fetch(at('echo'), { headers: [['X-A']] })),
  'headers as an array of strings': () => outcome(() => fetch(at('echo'), { headers: ['ab', 'cd'] })),
  'headers as Headers': async () => {
    const headers = new Headers({ 'X-A': '1' });
    for (const path of ['echo', 'echo?again']) await outcome(() => fetch(at(path), { headers }));
    log([...headers]);
  },
  'headers as a map': () => outcome(() => fetch(at('echo'), { headers: new Map([['x-a', '1']]) })),
  'headers as a generator': () => outcome(() => fetch(at('echo'), { headers: (function* () { log('run'); yield ['x-a', '1']; })() })),
  'headers null': () => outcome(() => fetch(at('echo'), { headers: null })),
  'headers undefined': () => outcome(() => fetch(at('echo'), { headers: undefined })),
  'headers with getters': () => outcome(() => fetch(at('echo'), { headers: { get 'x-a'() { log('got'); return '1'; } } })),
  'a header that is not valid': () => outcome(() => fetch(at('echo'), { headers: { 'a b': '1' } })),
  'a header that is forbidden': () => outcome(() => fetch(at('echo'), { headers: { Host: 'x', 'x-a': '1' } })),
  "somebody else's traceparent": () => outcome(() => fetch(at('echo'), { headers: { TraceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } })),
  "somebody else's b3": () => outcome(() => fetch(at('echo'), { headers: [['b3', '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1']] })),
  // Requests.
  'a Request': () => outcome(() => fetch(new Request(at('echo'), { headers: { 'x-a': '1' } }))),
  'a Request used again': async () => {
    const request = new Request(at('echo'), { headers: { 'x-a': '1' }, referrer: '/other' });
    for (const _ of [1, 2]) await outcome(() => fetch(request));
    log([...request.headers], request.bodyUsed, request.referrer === new URL('/other', location).href);
  },
  'a Request with a body': async () => {
    const request = new Request(at('echo'), { method: 'POST', body: 'b' });
    await outcome(() => fetch(request));
    log(request.bodyUsed);
    await outcome(() => fetch(request));
  },
  'a Request and an init': () => outcome(() => fetch(new Request(at('echo'), { method: 'POST', body: 'b', headers: { 'x-a': '1' } }), { method: 'PUT' })),
  'a Request and new headers': () => outcome(() => fetch(new Request(at('echo'), { headers: { 'x-a': '1' } }), { headers: { 'x-b': '2' } })),
  'a Request that was cloned': async () => {
    const request = new Request(at('echo'), { method: 'POST', body: 'b' });
    const copy = request.clone();
    await outcome(() => fetch(request));
    await outcome(() => fetch(copy));
  },
  'a Request of a subclass': () => outcome(() => fetch(new (class extends Request {})(at('echo')))),
  'a Request with no-cors': () => outcome(() => fetch(new Request(at('echo'), { mode: 'no-cors' }))),
  // Ways to go.
  keepalive: () => outcome(() => fetch(at('echo'), { method: 'POST', body: 'b', keepalive: true })),
  'no-cors': () => outcome(() => fetch(at('echo'), { mode: 'no-cors' })),
  'same-origin': () => outcome(() => fetch(at('echo'), { mode: 'same-origin', credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer', priority: 'low' })),
  'a redirect': () => outcome(() => fetch(at('redirect'))),
  'a redirect that is an error': () => outcome(() => fetch(at('redirect'), { redirect: 'error' })),
  'a redirect by hand': () => outcome(() => fetch(at('redirect'), { redirect: 'manual' })),
  'a status of 404': () => outcome(() => fetch(at('status/404'))),
  'a status of 500': () => outcome(() => fetch(at('status/500'))),
  'a status of 204': () => outcome(() => fetch(at('status/204'))),
  'nobody there': () => outcome(() => fetch('http://127.0.0.1:9/')),
  'a connection that breaks': () => outcome(() => fetch(at('break'))),
  'another origin without permission': () => outcome(() => fetch(`${OTHER}${at('closed')}`)),
  'another origin with permission': () => outcome(() => fetch(`${OTHER}${at('open')}`)),
  'another origin with no-cors': () => outcome(() => fetch(`${OTHER}${at('open')}`, { mode: 'no-cors' })),
  'integrity that fails': () => outcome(() => fetch(at('status/200'), { integrity: 'sha256-AAAA' })),
  // Calling it off.
  'a signal aborted before': async () => {
    await outcome(() => fetch(at('echo'), { signal: AbortSignal.abort() }));
    await outcome(() => fetch(at('echo'), { signal: AbortSignal.abort('why') }).catch((e) => { throw new Error(String(e)); }));
  },
  'a signal aborted during': async () => {
    const control = new AbortController();
    setTimeout(() => control.abort(new RangeError('enough')), 50);
    await outcome(() => fetch(at('slow'), { signal: control.signal }));
  },
  'a signal aborted after': async () => {
    const control = new AbortController();
    const answer = await fetch(at('echo'), { signal: control.signal });
    log(await answer.text());
    control.abort();
    await wait(20);
  },
  'a signal aborted while the body comes': async () => {
    const control = new AbortController();
    const answer = await fetch(at('endless'), { signal: control.signal });
    const reader = answer.body.getReader();
    log((await reader.read()).done);
    control.abort();
    await reader.read().then(() => log('more'), (error) => log(error.name));
  },
  'a signal of a Request': async () => {
    const control = new AbortController();
    const request = new Request(at('slow'), { signal: control.signal });
    setTimeout(() => control.abort(), 50);
    await outcome(() => fetch(request));
    log(request.signal.aborted);
  },
  'a timeout': () => outcome(() => fetch(at('slow'), { signal: AbortSignal.timeout(40) })),
  // Streams.
  'a stream that is not read': async () => {
    const answer = await fetch(at('endless'));
    await wait(300);
    log(answer.bodyUsed, answer.body.locked);
    await answer.body.cancel();
  },
  'a stream that is cancelled': async () => {
    const answer = await fetch(at('endless'));
    const reader = answer.body.getReader();
    log((await reader.read()).value.length > 0);
    await reader.cancel();
    await wait(400);
    log(await (await fetch(at('endless-open'))).text());
  },
  'a body read as a stream': async () => {
    const answer = await fetch(at('pieces'));
    const parts = [];
    for (const reader = answer.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(new TextDecoder().decode(value));
    }
    log(parts.join(''));
  },
  'an answer that is cloned': async () => {
    const answer = await fetch(at('pieces'));
    const copy = answer.clone();
    log(await answer.text(), await copy.text());
  },
  // Promises.
  'a rejection that nobody handles': async () => {
    fetch('http://127.0.0.1:9/');
    await wait(300);
  },
  'a rejection that is handled': async () => {
    fetch('http://127.0.0.1:9/').catch((error) => log(error.name));
    await wait(300);
  },
  'the promise itself': async () => {
    const promise = fetch(at('status/200'));
    log(promise.constructor === Promise, own(promise), Object.getPrototypeOf(promise) === Promise.prototype);
    log(await promise.finally(() => log('finally')).then((r) => r instanceof Response));
  },
  'Promise is replaced': {
    before() {
      window.Promise = class extends Promise {};
    },
    run: () => outcome(() => fetch(at('echo'))),
  },
  'Promise.prototype.then is replaced': {
    run: async () => {
      const { then } = Promise.prototype;
      let count = 0;
      Promise.prototype.then = function (...args) { count++; return then.apply(this, args); };
      const answer = fetch(at('echo'));
      log(count);
      Promise.prototype.then = then;
      await outcome(() => answer);
    },
  },
  // XMLHttpRequest.
  'XHR': async () => {
    const it = xhr('GET', 'echo');
    it.setRequestHeader('X-A', '1');
    it.setRequestHeader('x-a', '2');
    it.send();
    await ended(it);
    log(it.responseText, it.getResponseHeader('content-type'), it.responseURL.includes('echo'));
  },
  'XHR with a body': async () => {
    const it = xhr('POST', 'echo');
    it.responseType = 'json';
    it.send(JSON.stringify({ a: 1 }));
    await ended(it);
    log(it.response);
  },
  'XHR of all methods': async () => {
    for (const method of ['get', 'post', 'patch', 'Foo', 'HEAD']) {
      const it = xhr(method, 'echo');
      it.send();
      await ended(it);
      log(it.responseText);
    }
  },
  'XHR that is synchronous': () => {
    const it = xhr('GET', 'echo', false);
    it.send();
    log(it.status, it.responseText);
  },
  'XHR that is synchronous and fails': () => {
    const it = new XMLHttpRequest();
    it.open('GET', 'http://127.0.0.1:9/', false);
    try {
      it.send();
    } catch (error) {
      log(error.name);
    }
  },
  'XHR that fails': async () => {
    const it = new XMLHttpRequest();
    for (const type of ['load', 'error', 'loadend']) it['on' + type] = () => log(type, it.status);
    it.open('GET', 'http://127.0.0.1:9/');
    it.send();
    await ended(it);
  },
  'XHR with a bad URL': () => attempt(() => new XMLHttpRequest().open('GET', 'http://[')),
  'XHR with a forbidden method': () => attempt(() => new XMLHttpRequest().open('TRACE', '/')),
  'XHR without arguments': () => attempt(() => new XMLHttpRequest().open()),
  'XHR sent before it is opened': () => attempt(() => new XMLHttpRequest().send()),
  'XHR sent twice': async () => {
    const it = xhr('GET', 'echo');
    it.send();
    attempt(() => it.send());
    await ended(it);
  },
  'XHR with headers after send': async () => {
    const it = xhr('GET', 'echo');
    it.send();
    attempt(() => it.setRequestHeader('x-a', '1'));
    await ended(it);
  },
  'XHR with a bad header': () => {
    const it = xhr('GET', 'echo');
    attempt(() => it.setRequestHeader('a b', '1'));
    attempt(() => it.setRequestHeader('x-a'));
  },
  'XHR aborted': async () => {
    const it = xhr('GET', 'slow');
    it.send();
    setTimeout(() => it.abort(), 50);
    await ended(it);
    log(it.readyState, it.status);
  },
  'XHR aborted before send': () => {
    const it = xhr('GET', 'slow');
    it.abort();
    log(it.readyState);
    attempt(() => it.setRequestHeader('x-a', '1'));
  },
  'XHR that takes too long': async () => {
    const it = xhr('GET', 'slow');
    it.timeout = 40;
    it.send();
    await ended(it);
  },
  'XHR used again': async () => {
    const it = xhr('GET', 'echo');
    it.send();
    await ended(it);
    it.open('PUT', at('echo?again'));
    it.send('b');
    await ended(it);
    log(it.responseText);
  },
  'XHR opened again while it runs': async () => {
    const it = xhr('GET', 'slow');
    it.send();
    // Long enough for the first request to arrive, and shorter than its answer takes.
    await wait(200);
    it.open('GET', at('echo'));
    it.send();
    await ended(it);
    log(it.responseText);
  },
  'XHR with upload events': async () => {
    const it = xhr('POST', 'echo');
    it.upload.onload = () => log('uploaded');
    it.send('b');
    await ended(it);
  },
  'XHR with handleEvent': async () => {
    const it = xhr('GET', 'echo');
    it.addEventListener('load', { handleEvent(event) { log('handled', event.type, event.target === it); } });
    it.send();
    await ended(it);
  },
  'XHR with on-properties': async () => {
    const it = xhr('GET', 'echo');
    log(it.onload, it.onloadend, own(it));
    it.onload = function () { log(this === it); };
    it.send();
    await ended(it);
    log(own(it));
  },
  'XHR of a subclass': async () => {
    const it = new (class extends XMLHttpRequest { send(...args) { log('mine'); super.send(...args); } })();
    it.open('GET', at('echo'));
    it.send();
    await ended(it);
    log(it.responseText);
  },
  'XHR with an event that the page sends': async () => {
    const it = xhr('GET', 'slow');
    it.send();
    it.dispatchEvent(new Event('load'));
    await ended(it);
  },
  'XHR methods with another this': () => {
    attempt(() => XMLHttpRequest.prototype.open.call({}, 'GET', '/'));
    attempt(() => XMLHttpRequest.prototype.send.call(null));
    attempt(() => XMLHttpRequest.prototype.setRequestHeader.call({}, 'a', 'b'));
  },
  "XHR with somebody else's traceparent": async () => {
    const it = xhr('GET', 'echo');
    it.setRequestHeader('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    it.send();
    await ended(it);
    log(it.responseText);
  },
  'XHR to another origin': async () => {
    const it = new XMLHttpRequest();
    it.open('GET', `${OTHER}${at('open')}`);
    it.send();
    await ended(it);
    log(it.status, it.responseText);
  },
  // What the functions are.
  'what fetch is': () => {
    log(fetch.name, fetch.length, typeof fetch, fetch.toString(), String(fetch), `${fetch}`);
    log(own(fetch), Object.keys(window).includes('fetch'), 'prototype' in fetch);
    log(Object.entries(Object.getOwnPropertyDescriptor(window, 'fetch')).filter(([key]) => key !== 'value'));
  },
  'what the XHR methods are': () => {
    for (const name of ['open', 'send', 'setRequestHeader', 'abort']) {
      const descriptor = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, name);
      log(descriptor.value.name, descriptor.value.length, String(descriptor.value));
      log(descriptor.enumerable, descriptor.writable, descriptor.configurable);
    }
    log(Object.keys(XMLHttpRequest.prototype), XMLHttpRequest.length, String(XMLHttpRequest));
  },
  // Others around us.
  'another wrapper over it': async () => {
    wrap('outer');
    await outcome(() => fetch(at('echo')));
  },
  'another wrapper under it': {
    before: () => void wrap('inner'),
    run: () => outcome(() => fetch(at('echo'))),
  },
  'a wrapper under it that gives no promise': {
    before() {
      window.fetch = () => ({ then: (done) => done({ status: 299, url: '', type: 'x', text: () => 'made up' }) });
    },
    run: () => outcome(() => fetch(at('echo'))),
  },
  'a wrapper under it that throws': {
    before() {
      window.fetch = () => { throw new RangeError('mine'); };
    },
    run: () => outcome(() => fetch(at('echo'))),
  },
  'wrappers that are taken off out of order': async () => {
    const first = wrap('first');
    wrap('second');
    first();
    await outcome(() => fetch(at('echo')));
  },
  'a fetch that cannot be replaced': {
    before: () => Object.defineProperty(window, 'fetch', { writable: false, configurable: false }),
    run: () => outcome(() => fetch(at('echo'))),
  },
  'performance.now is replaced': {
    before() {
      performance.now = () => { throw new Error('no'); };
    },
    run: () => outcome(() => fetch(at('echo'))),
  },
  'performance.now is replaced later': () => {
    performance.now = () => NaN;
    Date.now = () => NaN;
    return outcome(() => fetch(at('echo')));
  },
  'no crypto': {
    before: () => Object.defineProperty(window, 'crypto', { value: undefined }),
    run: () => outcome(() => fetch(at('echo'))),
  },
  'storage that throws': {
    before() {
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
        Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
      }
    },
    run: () => outcome(() => fetch(at('echo'))),
  },
  'everything of ours fails': () => {
    TextEncoder.prototype.encodeInto = () => { throw new RangeError('inside'); };
    return outcome(() => fetch(at('echo'))).then(async () => {
      const it = xhr('GET', 'echo');
      it.send();
      await ended(it);
    });
  },
  'everything of ours fails later': () => outcome(() => {
    const promise = fetch(at('echo'));
    TextEncoder.prototype.encodeInto = () => { throw new WebAssembly.RuntimeError('unreachable'); };
    return promise;
  }),
  'no WebAssembly': {
    before: () => delete window.WebAssembly,
    run: () => outcome(() => fetch(at('echo'))),
  },
  'no PerformanceObserver': {
    before: () => delete window.PerformanceObserver,
    run: () => outcome(() => fetch(at('echo'))),
  },
  'no XMLHttpRequest': {
    before: () => delete window.XMLHttpRequest,
    run: () => outcome(() => fetch(at('echo'))),
  },
  'Array.prototype is extended': {
    before() {
      Array.prototype.mine = 1;
      Object.prototype.mine = 2;
    },
    run: () => outcome(() => fetch(at('echo'), { headers: { a: '1' } })),
  },
  'the page listens for errors': async () => {
    Promise.reject(null);
    Promise.reject(Symbol('s'));
    // Which comes first, a timer or the news of a rejection, is the browser's mood.
    await wait(50);
    setTimeout(() => { throw new RangeError('of the page'); });
    await wait(50);
  },
};

/** The names of all cases. */
function caseNames() {
  return Object.keys(cases);
}

/** Runs what has to be there before the script tag. */
const prepare = () => {
  addEventListener('error', (event) => log('error', event.message));
  addEventListener('unhandledrejection', (event) => log('unhandled', event.reason));
  cases[caseName]?.before?.();
};

/** Runs a case; gives its log. */
async function run(name) {
  await (cases[name].run ?? cases[name])();
  await wait(0);
  return lines;
}
