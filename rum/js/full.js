// What `throughline-full.js` has besides clicks: formats of other tracers, more ways to sample,
// names by the site's own templates, JSON, and the site's own look at everything that leaves.

import { LOGS, TRACES, read, write } from './codec.js';
import { guarded } from './guard.js';
import { fits, targetsOf, wordsOf } from './requests.js';
import { visit } from './visit.js';

const FORMAT = /^(tracecontext|tracestate|b3|b3multi|jaeger|datadog|xray|correlation:[\w.-]+)$/;

let beforeSend;
let asJson;
let keepErrors;
let always = [];
let templates = [];
/** How many spans, and how many log records, the site's function has taken out. */
const hooked = [0, 0];
let hasFailed;

const need = (right, what) => {
  if (!right) throw new TypeError(what);
};

/** Takes the options. Throws if one is not what it should be. */
export const configureFull = (options) => {
  ({ beforeSend } = options);
  need(beforeSend == null || typeof beforeSend === 'function', 'beforeSend is no function');
  const { encoding } = options;
  need([undefined, 'protobuf', 'json'].includes(encoding), `no such encoding: ${encoding}`);
  asJson = encoding === 'json';
  for (const format of wordsOf(options.formats)) {
    need(FORMAT.test(format), `no such format: ${format}`);
  }
  const rules = wordsOf(options.sampleAlways).map((rule) => (rule === 'true' ? true : rule));
  keepErrors = rules.includes('errors');
  always = targetsOf(rules.filter((rule) => rule !== 'errors' && typeof rule !== 'boolean'));
  // This user's pages, or this page.
  if (rules.includes(true) || isAlways(location.href)) {
    options.sampleRatio = 1;
    options.maxSpansPerSecond = options.spansPerMinute = 0;
  }
  fullFacts = factsOf(options);
  const { urlTemplates } = options;
  templates = (typeof urlTemplates === 'function' ? [urlTemplates] : wordsOf(urlTemplates)).map(
    (template) => (typeof template === 'function' ? template : matcher(template)),
  );
};

/** What the core needs to know. */
export let fullFacts;

const factsOf = (options) => ({
  traceLevel: options.traceLevel,
  formats: wordsOf(options.formats).join(' '),
  baggage: baggageOf(options.baggage),
  maxSpansPerSecond: Math.ceil(options.maxSpansPerSecond) || '',
  spansPerMinute: Math.ceil(options.spansPerMinute) || '',
  keepErrors: keepErrors || '',
  visit: options.sampleRatio < 1 ? visit() : '',
});

const baggageOf = (baggage) =>
  typeof baggage === 'object' && baggage
    ? Object.entries(baggage)
        .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
        .join()
    : baggage;

/** Whether a request there is recorded whatever the sample. */
export const isAlways = (href) => {
  try {
    return fits(always, href);
  } catch {
    // A function of the site's has failed.
    return false;
  }
};

/** The site's own name for an address; undefined without one. */
export const templateOf = (url) => {
  for (const template of templates) {
    const name = guarded(() => template(url.pathname));
    if (name) return String(name);
  }
};

/** Says of a path whether it is `/cart/{id}`, with anything but a slash in the braces' place. */
const matcher = (template) => {
  const plain = String(template).replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${plain.replace(/\{[^/{}]*\}/g, '[^/]+')}$`);
  return (path) => pattern.test(path) && template;
};

/** The batch as the site wants it to be sent; nothing if there is nothing left of it. */
export const filtered = (body, logs) => {
  if (!beforeSend) return body;
  const schema = logs ? LOGS : TRACES;
  const request = read(body, schema);
  let left = 0;
  // One resource and one scope, as the core writes them.
  const [within] = Object.values(request)[0];
  const [scope] = within.scopeSpans ?? within.scopeLogs;
  const list = logs ? 'logRecords' : 'spans';
  scope[list] = scope[list].filter((record) => {
    const stays = review(record, logs);
    left += stays;
    hooked[+logs] += !stays;
    return stays;
  });
  return left ? write(request, schema) : undefined;
};

/** Shows one record to the site's function. One that fails on it has not let it pass. */
const review = (record, logs) => {
  const name = logs ? 'eventName' : 'name';
  const before = new Map((record.attributes ?? []).map((each) => [each.key, each]));
  const attributes = {};
  for (const [key, { value }] of before) attributes[key] = plain(value);
  const shown = {
    type: logs ? 'log' : 'span',
    name: record[name],
    traceId: record.traceId,
    spanId: record.spanId,
    attributes: { ...attributes },
  };
  try {
    const answer = beforeSend(shown);
    if (answer === false || answer === null) return false;
    const { name: called, attributes: changed } = answer?.attributes ? answer : shown;
    record[name] = String(called);
    record.attributes = Object.entries(changed ?? {}).flatMap(([key, value]) =>
      // What is as it was keeps its type.
      value === attributes[key] ? (before.get(key) ?? []) : attribute(key, value),
    );
    return true;
  } catch (error) {
    if (!hasFailed) console.warn(`throughline: beforeSend has failed, so its record is not sent: ${error}`);
    hasFailed = true;
    return false;
  }
};

const plain = ({ stringValue, boolValue, intValue, doubleValue }) =>
  stringValue ?? boolValue ?? doubleValue ?? Number(intValue);

const attribute = (key, value) => {
  if (value == null || Number.isNaN(value)) return [];
  const typed =
    typeof value === 'boolean'
      ? { boolValue: value }
      : Number.isSafeInteger(value)
        ? { intValue: String(value) }
        : Number.isFinite(value)
          ? { doubleValue: value }
          : { stringValue: String(value) };
  return [{ key, value: typed }];
};

/** What a request to the collector holds, and its type. */
export const encoded = (body, logs) =>
  asJson
    ? [new TextEncoder().encode(JSON.stringify(read(body, logs ? LOGS : TRACES))), 'application/json']
    : [body, 'application/x-protobuf'];

/** How many were not taken, by an answer in JSON. */
export const rejectedByJson = (text) => {
  const { rejectedSpans, rejectedLogRecords } = JSON.parse(text).partialSuccess ?? {};
  return Number(rejectedSpans ?? rejectedLogRecords) || 0;
};

/** Corrects statistics: what was taken out counts as lost, not as sent. */
export const countFull = (all) => {
  all.exported -= hooked[0];
  all.logs -= hooked[1];
  all.dropped.hook = hooked[0] + hooked[1];
};
