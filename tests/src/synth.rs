//! One large trace, made up: as deep, wide and wordy as those of a busy system, and the same on every run.
//!
//! About 850 bytes a span as OTLP JSON, eight attributes each, calls across services up to twelve levels deep, loops of
//! equal calls, some errors with their stack, spans in the order in which they ended, grouped by resource.
//!
//! **Invariant:** deterministic: equal options give equal bytes, on every machine.

mod words;

use std::fmt::Write;

use words::{Kind, SERVICES};

/// How the trace is to be.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many spans, at least one.
    pub spans: usize,
    /// How many services, 1 to 24.
    pub services: usize,
    /// How many levels, at least two.
    pub levels: u32,
    /// Another seed makes another trace of the same kind.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            spans: 100_000,
            services: 20,
            levels: 12,
            seed: 7,
        }
    }
}

/// When the trace begins, nanoseconds since 1970: no `f64` holds all times of it.
pub const START: u64 = 1_767_225_600_123_456_789;
/// The name of the root span.
pub const ROOT: &str = "POST /checkout";
/// The instances of a service.
const INSTANCES: usize = 3;

/// A span as far as it is not made from its number.
#[derive(Clone, Copy, Debug)]
struct Node {
    parent: Option<usize>,
    level: u32,
    kind: Kind,
    service: usize,
    instance: usize,
    word: usize,
    start: u64,
    end: u64,
    error: bool,
}

/// The trace as OTLP JSON.
pub fn otlp_json(options: Options) -> Vec<u8> {
    let nodes = grow(options);
    let mut by_resource: Vec<Vec<usize>> = vec![Vec::new(); options.services * INSTANCES];
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|&at| (nodes[at].end, at));
    for at in order {
        by_resource[nodes[at].service * INSTANCES + nodes[at].instance].push(at);
    }
    let mut out = String::with_capacity(nodes.len() * 900);
    out.push_str("{\"resourceSpans\":[");
    let mut first = true;
    for (at, spans) in by_resource
        .iter()
        .enumerate()
        .filter(|(_, spans)| !spans.is_empty())
    {
        out.push_str(if core::mem::take(&mut first) { "" } else { "," });
        words::resource(&mut out, at / INSTANCES, at % INSTANCES);
        for (place, &span) in spans.iter().enumerate() {
            out.push_str(if place == 0 { "" } else { "," });
            write_span(&mut out, &nodes, span, options.seed);
        }
        out.push_str("]}]}");
    }
    out.push_str("]}");
    out.into_bytes()
}

/// Numbers that look random (SplitMix64).
#[derive(Clone, Copy, Debug)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// 0 to `below`, without it.
    fn under(&mut self, below: usize) -> usize {
        (self.next() % below.max(1) as u64) as usize
    }

    /// Once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.under(times) == 0
    }
}

const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// From the root downwards: every span has a number of descendants to spend and a time to spend it in.
fn grow(options: Options) -> Vec<Node> {
    let mut dice = Dice(options.seed);
    let whole = 40_000 * options.spans as u64;
    let root = Node {
        parent: None,
        level: 1,
        kind: Kind::Server,
        service: 0,
        instance: 0,
        word: 0,
        start: START,
        end: START + whole,
        error: false,
    };
    let mut nodes = vec![root];
    let mut open = vec![(0, options.spans.saturating_sub(1))];
    while let Some((at, budget)) = open.pop() {
        let shares = share(&mut dice, budget, options.levels - nodes[at].level);
        let parallel = dice.once_in(3);
        let total: u64 = shares.iter().map(|share| *share as u64).sum();
        let (start, length) = (nodes[at].start, nodes[at].end - nodes[at].start);
        // A loop makes the same call again and again.
        let looped = shares.len() > 8 && dice.once_in(3);
        let (kind, word) = (Kind::leaf(dice.under(100)), dice.under(words::WORDS));
        let mut done = 0;
        for share in shares {
            let leaf = share == 1;
            let (mut service, mut instance) = (nodes[at].service, nodes[at].instance);
            if nodes[at].kind.goes_elsewhere() {
                service = (service + 1 + dice.under(options.services - 1)) % options.services;
                instance = dice.under(INSTANCES);
            }
            let kind = match (leaf, looped) {
                (true, true) => kind,
                (true, false) => Kind::leaf(dice.under(100)),
                (false, _) => nodes[at].kind.inner_child(dice.under(100)),
            };
            let (from, to) = if parallel {
                let lag = length / 64 * dice.under(8) as u64 / 8;
                (
                    start + lag,
                    start + lag + (length - lag) / 16 * (1 + dice.under(15) as u64),
                )
            } else {
                (
                    start + length / total * done,
                    start + length / total * (done + share as u64),
                )
            };
            done += share as u64;
            let air = (to - from) / 50;
            nodes.push(Node {
                parent: Some(at),
                level: nodes[at].level + 1,
                kind,
                service,
                instance,
                word: if looped {
                    word
                } else {
                    dice.under(words::WORDS)
                },
                start: from + air,
                end: (to - air).max(from + air + 1),
                error: leaf && dice.once_in(80),
            });
            if !leaf {
                open.push((nodes.len() - 1, share - 1));
            }
        }
    }
    nodes
}

/// Splits so many descendants among children: the size of each child's subtree. Below the last level but one all are
/// children.
fn share(dice: &mut Dice, budget: usize, levels: u32) -> Vec<usize> {
    if levels <= 1 || budget <= 2 {
        return vec![1; budget];
    }
    // About as many children a level as bring all of them in; some spans have many, most have few.
    let even = (budget as f64).powf(1.0 / f64::from(levels.min(5))).ceil() as usize;
    let children = (even / 2 + dice.under(even + 1)).clamp(1, budget);
    let mut left = budget;
    let mut shares = Vec::with_capacity(children);
    for at in 0..children {
        let rest = children - at;
        let share = if rest == 1 {
            left
        } else {
            1 + dice.under((left - rest) * 2 / rest + 1)
        };
        shares.push(share.min(left - (rest - 1)));
        left -= shares[at];
    }
    shares
}

fn write_span(out: &mut String, nodes: &[Node], at: usize, seed: u64) {
    let node = &nodes[at];
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{{\"traceId\":\"{:016x}{:016x}\",\"spanId\":\"{}\",\"parentSpanId\":\"{}\",\"flags\":257,\"name\":\"",
        mix(seed ^ 1),
        mix(seed ^ 2),
        span_id(seed, at),
        node.parent
            .map_or_else(String::new, |parent| span_id(seed, parent)),
    );
    words::name(
        out,
        node.kind,
        node.service,
        node.word,
        node.parent.is_none(),
    );
    let _ = write!(
        out,
        "\",\"kind\":{},\"startTimeUnixNano\":\"{}\",\"endTimeUnixNano\":\"{}\",\"attributes\":[",
        node.kind.otlp(),
        node.start,
        node.end
    );
    words::attributes(
        out,
        node.kind,
        node.service,
        node.word,
        mix(at as u64),
        node.error,
    );
    out.push(']');
    if node.error {
        words::exception(out, node.end - 1, at);
        out.push_str(",\"status\":{\"code\":2,\"message\":\"deadline exceeded\"}}");
    } else {
        if at % 10 == 3 {
            words::event(out, node.start, at);
        }
        out.push_str(",\"status\":{}}");
    }
}

fn span_id(seed: u64, at: usize) -> String {
    // The number is in it: no two are equal.
    format!("{:08x}{:08x}", mix(seed ^ at as u64) as u32 | 1, at + 1)
}

/// The name of a service.
pub const fn service(at: usize) -> &'static str {
    SERVICES[at % SERVICES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    #[test]
    fn the_trace_is_as_ordered() {
        let check = |spans, services, levels| {
            let options = Options {
                spans,
                services,
                levels,
                seed: 3,
            };
            let bytes = otlp_json(options);
            let (store, read) = read::read(&bytes);
            assert!(read.is_ok(), "{read:?}");
            assert_eq!((store.trace_count(), store.span_count()), (1, spans));
            assert_eq!(store.issues().total(), 0);
            assert_eq!(store.trace(0).orphan_count(), 0);
            assert_eq!(store.trace(0).root().name(), ROOT);
            let deepest = (0..spans as u32)
                .map(|span| store.span(span).depth() + 1)
                .max();
            assert!(deepest <= Some(levels), "{deepest:?}");
            (
                store.service_count(),
                deepest,
                bytes.len() / spans,
                store.trace(0).error_count(),
            )
        };
        check(1, 1, 2);
        check(30, 4, 3);
        let (services, deepest, bytes, errors) = check(20_000, 20, 12);
        assert_eq!((services, deepest), (20, Some(12)));
        assert!((780..920).contains(&bytes), "{bytes} bytes a span");
        assert!(errors > 50, "{errors} errors");
    }

    #[test]
    fn equal_options_give_equal_bytes() {
        let options = Options {
            spans: 500,
            ..Options::default()
        };
        assert_eq!(otlp_json(options), otlp_json(options));
        assert_ne!(
            otlp_json(options),
            otlp_json(Options { seed: 8, ..options })
        );
    }
}
