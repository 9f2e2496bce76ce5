//! Adds up what `cargo test` prints.
//!
//! **Invariant**: lines in, numbers out.

/// How many tests of a run passed, failed or were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub passed: u64,
    pub failed: u64,
    pub ignored: u64,
    /// Tests that passed without a check, because something is missing on this machine.
    pub skipped: u64,
}

impl Summary {
    /// Takes the numbers of a line `test result: …`; other lines count nothing.
    pub fn add(&mut self, line: &str) {
        let Some(result) = line.trim().strip_prefix("test result: ") else {
            return;
        };
        for part in result.split([';', '.']) {
            let mut words = part.split_ascii_whitespace();
            let Some(count) = words.next().and_then(|word| word.parse::<u64>().ok()) else {
                continue;
            };
            match words.next() {
                Some("passed") => self.passed += count,
                Some("failed") => self.failed += count,
                Some("ignored") => self.ignored += count,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        for (count, what) in [(self.ignored, "ignored"), (self.skipped, "of them skipped")] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: &str) {
        let mut summary = Summary::default();
        for line in lines {
            summary.add(line);
        }
        assert_eq!(summary.to_string(), expected);
    }

    #[test]
    fn results_are_added_up() {
        let good = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s";
        let bad = "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        check(&[], "0 passed, 0 failed");
        check(&["running 5 tests", good], "5 passed, 0 failed, 1 ignored");
        check(&[good, "", bad], "7 passed, 3 failed, 1 ignored");
        check(&["test a_test_result ... ok"], "0 passed, 0 failed");
        check(&["test result: what is this"], "0 passed, 0 failed");
    }
}
