//! What the site has set: the `data-` attributes of the script tag.
//!
//! **Invariant**: any text in any option gives a working configuration; what cannot
//! be understood leaves the default.

use throughline_model::otlp::Frame;

use crate::propagation::Targets;
use crate::sampling::Sampler;

/// Everything that the site can choose.
#[derive(Debug, Clone)]
pub struct Config {
    /// What the spans say of the page and the browser.
    pub frame: Frame,
    /// Where trace headers may go.
    pub targets: Targets,
    /// Which traces are recorded.
    pub sampler: Sampler,
}

impl Config {
    /// Nothing is set.
    pub const fn new() -> Self {
        Self {
            frame: Frame::new(),
            targets: Targets::none(),
            sampler: Sampler::ALL,
        }
    }

    /// Sets one option by its name in `dataset`, or one of the facts about the page
    /// that the browser side adds; each at most once. Unknown names are ignored.
    pub fn set(&mut self, name: &str, value: &str) {
        let key = match name {
            "origin" | "propagateTo" => return self.targets.allow(value),
            "service" => "service.name",
            "serviceVersion" => "service.version",
            "environment" => "deployment.environment.name",
            "userAgent" => "user_agent.original",
            "language" => "browser.language",
            _ => return,
        };
        if !value.is_empty() {
            self.frame.describe(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_changes_nothing() {
        let mut config = Config::new();
        let before = config.frame.wrap(&[]);
        config.set("environment", "");
        config.set("unheardOf", "x");
        assert_eq!(config.frame.wrap(&[]), before);
        config.set("environment", "test");
        assert_ne!(config.frame.wrap(&[]), before);
    }
}
