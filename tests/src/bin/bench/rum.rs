//! The script tag beside other libraries: what each costs a page, and what of it arrives.
//!
//! Every round visits all libraries in turn; costs are differences to, or ratios of, a page without any in the same round.
//!
//! **Invariant:** all libraries get the same page, the same server and the same collector on another origin.

mod columns;
mod cost;
mod lost;
mod peers;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use throughline_tests::browser::{Browser, Session};

pub use columns::Columns;
use peers::{LIBRARIES, Rig};

/// Measures everything and prints the table.
pub fn measure(runs: usize) {
    let rig = Rig::new();
    let names: Vec<&str> = LIBRARIES.iter().map(|library| library.name).collect();
    let mut table = Columns::new(&names);
    println!(
        "median of up to {runs} runs in {:?}; the first column is the page without any library\n",
        Browser::Chromium
    );
    rig.sizes(&mut table);
    cost::start(&rig, runs, &mut table);
    cost::load(&rig, runs, &mut table);
    // What takes longest: once in three.
    cost::requests(&rig, runs.div_ceil(3), &mut table);
    lost::spans(&rig, runs.div_ceil(5), &mut table);
    lost::streams(&rig, &mut table);
    print!("{table}");
}

/// A browser that has done nothing yet: no code of an earlier page is compiled in it.
fn session() -> Session {
    Session::start(Browser::Chromium)
}

/// Does it again, twice at most, when the browser or its driver has gone away meanwhile: that says nothing of a library.
fn persist<T>(act: impl Fn() -> T) -> T {
    for _ in 0..2 {
        if let Ok(result) = catch_unwind(AssertUnwindSafe(&act)) {
            return result;
        }
        eprintln!("   … once more");
    }
    act()
}

fn rest(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}
