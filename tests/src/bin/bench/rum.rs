//! The script tag beside other libraries: what each costs a page, and what of it arrives.
//!
//! Every round visits all libraries in turn; costs are differences to, or ratios of, a page without any in the same round.
//!
//! **Invariant:** all libraries get the same page, the same server and the same collector on another origin.

mod columns;
mod cost;
mod lost;
mod peers;

use std::time::Duration;

use throughline_tests::browser::{Browser, Session};

pub use columns::Columns;
use peers::{LIBRARIES, Rig};

/// Measures everything and prints the table.
pub fn measure(runs: usize) {
    let rig = Rig::new();
    let names: Vec<&str> = LIBRARIES.iter().map(|library| library.name).collect();
    let mut table = Columns::new(&names);
    println!(
        "median of {runs} runs in {:?}; the first column is the page without any library\n",
        Browser::Chromium
    );
    rig.sizes(&mut table);
    cost::start(&rig, runs, &mut table);
    cost::load(&rig, runs, &mut table);
    cost::requests(&rig, runs, &mut table);
    lost::spans(&rig, runs.div_ceil(2), &mut table);
    lost::streams(&rig, &mut table);
    print!("{table}");
}

/// A browser that has done nothing yet: no code of an earlier page is compiled in it.
fn session() -> Session {
    Session::start(Browser::Chromium)
}

fn rest(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}
