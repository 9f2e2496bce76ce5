//! Options of any type and value: the page works in any case, and the console gets one line at most.
//!
//! **Invariant:** judged by what the page sees of its own requests.

use serde_json::Value;
use throughline_tests::{browser::Page, echo::Server};

use crate::arrived::visit;

const OPTIONS: [&str; 22] = [
    "baggage",
    "beforeSend",
    "collector",
    "compress",
    "consent",
    "dryRun",
    "encoding",
    "environment",
    "formats",
    "headers",
    "keepQuery",
    "maxSpansPerSecond",
    "propagateTo",
    "sampleAlways",
    "sampleRatio",
    "service",
    "serviceVersion",
    "spansPerMinute",
    "traceLevel",
    "unknown",
    "urlTemplates",
    "",
];

const VALUES: &str = "[5, -1, NaN, 0, '', 'x', ' , ', '//[', null, true, {}, [], [5, null, {}, []], Symbol('s'), 7n,
    () => { throw new Error('mine'); }, { toString() { throw new Error('mine'); } }, 'x'.repeat(1e6),
    new Proxy({}, { get() { throw new Error('mine'); } }), document, /x/, [() => { throw new Error('mine'); }], { a: { b: 1 } }, Promise.reject().catch(() => {})]";

/// Every value for one option, each in a frame of its own; gives what is wrong.
const RUN: &str = "
    const [script, option] = args;
    const wrong = [];
    const count = await new Promise((resolve) => { window.values = () => VALUES; resolve(window.values().length); });
    await Promise.all(Array.from({ length: count }, async (_, i) => {
        const frame = document.createElement('iframe');
        frame.src = '/blank.html';
        document.body.append(frame);
        await new Promise((loaded) => (frame.onload = loaded));
        const inner = frame.contentWindow;
        const lines = [];
        for (const level of ['log', 'info', 'warn', 'error', 'debug']) inner.console[level] = (...words) => lines.push(String(words[0]));
        const errors = [];
        inner.onerror = (message) => errors.push(message);
        inner.onunhandledrejection = (event) => errors.push(event.reason);
        inner.throughlineRum = { q: [['event', 'early']], options: { collector: location.origin, [option]: values()[i] } };
        const tag = inner.document.createElement('script');
        tag.src = script;
        inner.document.head.append(tag);
        await new Promise((loaded) => (tag.onload = loaded));
        const rum = inner.throughlineRum;
        const status = (await inner.fetch('/echo')).status;
        const seven = rum.withSpan('own', () => 7);
        const { state } = rum.stats();
        await Promise.race([rum.flush(), new Promise((late) => setTimeout(late, 3000))]);
        if (status !== 200 || seven !== 7 || lines.length > 1 || errors.length || !['on', 'off'].includes(state) || (state === 'off') !== (lines.length > 0 && !/failed|would get/.test(lines[0])) && option !== 'consent') {
            wrong.push([i, status, seven, state, ...lines, ...errors.map(String)].join(' | ').slice(0, 300));
        }
        frame.remove();
    }));
    return wrong";

pub fn options_of_any_type_leave_the_page_alone(page: &Page<'_>) {
    page.forgive("");
    let own = Server::start();
    visit(page, &own, "");
    let script = RUN.replace("VALUES", VALUES);
    for file in ["throughline.js", "throughline-full.js"] {
        for option in OPTIONS {
            let wrong = page
                .session
                .js_async(&script, &[file.into(), option.into()]);
            assert_eq!(wrong, Value::Array(Vec::new()), "{file} {option}");
        }
    }
}
