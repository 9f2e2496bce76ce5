//! Client and server of one call: a client span whose only server child is the other side of it.
//!
//! ```text
//! gateway  POST            client |==================|
//! checkout POST /checkout  server    |============|      one call; what is left and right of it is the way
//! ```
//!
//! **Invariant:** linear in the spans of the trace; a span is in one pair at most.

use crate::store::{SpanKind, TraceStore};

/// The pairs of one trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Client and server, ascending by client.
    calls: Vec<(u32, u32)>,
}

impl Pairs {
    /// The pairs of a trace: the client has one child that is a server, and that is of another service.
    #[inline(never)]
    pub fn of_trace(store: &TraceStore, trace: u32) -> Self {
        let columns = store.spans();
        let spans = store.trace(trace).spans();
        let mut calls = Vec::new();
        for client in spans {
            if columns.kind[client as usize] != SpanKind::Client as u8 {
                continue;
            }
            let is_server = |&child: &u32| columns.kind[child as usize] == SpanKind::Server as u8;
            let mut servers = store.span(client).children().filter(is_server);
            if let (Some(server), None) = (servers.next(), servers.next())
                && store.service_of(server) != store.service_of(client)
            {
                calls.push((client, server));
            }
        }
        Self { calls }
    }

    /// The server of a client.
    pub fn server_of(&self, client: u32) -> Option<u32> {
        let at = self.calls.binary_search_by_key(&client, |call| call.0);
        at.ok().map(|at| self.calls[at].1)
    }

    /// All, as client and server, ascending by client.
    pub fn calls(&self) -> &[(u32, u32)] {
        &self.calls
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample;

    fn check(lines: &str, expected: &[(u32, u32)]) {
        let store = sample::draw(lines);
        assert_eq!(Pairs::of_trace(&store, 0).calls(), expected, "{lines}");
    }

    #[test]
    fn a_client_has_one_server() {
        check("1 - 1 9 a client.x", &[]);
        check("1 - 1 9 a client.x\n 2 1 2 8 b server.x", &[(0, 1)]);
        check("1 - 1 9 a client.x\n 2 1 2 8 a server.x", &[]);
        check("1 - 1 9 a x\n 2 1 2 8 b server.x", &[]);
        check(
            "1 - 1 9 a client.x\n 2 1 2 3 a dns\n 3 1 3 8 b server.x",
            &[(0, 2)],
        );
        // A retry below one client: which of them answered is not known.
        check(
            "1 - 1 9 a client.x\n 2 1 2 3 b server.x\n 3 1 4 8 b server.x",
            &[],
        );
        check(
            "1 - 1 99 a client.x\n 2 1 2 90 b server.x\n 3 2 3 80 b client.y\n 4 3 4 70 c server.y",
            &[(0, 1), (2, 3)],
        );
    }

    #[test]
    fn the_server_is_found_by_its_client() {
        let store = sample::draw("1 - 1 9 a client.x\n 2 1 2 8 b server.x");
        let pairs = Pairs::of_trace(&store, 0);
        assert_eq!((pairs.server_of(0), pairs.server_of(1)), (Some(1), None));
    }
}
