//! Query parameters as Jaeger's APIs take them: several spellings, several times, several units.
//!
//! **Invariant:** text to values; knows no trace.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

/// The parameters of one request.
pub struct Params(Vec<(String, String)>);

/// A parameter that cannot be read, in words for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}={value:?} is not {expected}")]
pub struct BadParam {
    pub name: String,
    pub value: String,
    pub expected: &'static str,
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // A query that is no query has no parameters.
        Ok(Query::try_from_uri(&parts.uri).map_or(Self(Vec::new()), |Query(pairs)| Self(pairs)))
    }
}

impl Params {
    /// The first non-empty value of any of the names.
    pub fn get(&self, names: &[&str]) -> Option<&str> {
        self.all(names).next()
    }

    /// All non-empty values of the names.
    pub fn all(&self, names: &[&str]) -> impl Iterator<Item = &str> {
        let named = self
            .0
            .iter()
            .filter(|(name, value)| names.contains(&name.as_str()) && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// A value that `read` understands; `None` when absent.
    ///
    /// # Errors
    /// When it is there and `read` does not understand it.
    pub fn read<T>(
        &self,
        names: &[&str],
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, BadParam> {
        let Some(value) = self.get(names) else {
            return Ok(None);
        };
        let bad = || BadParam {
            name: names.first().copied().unwrap_or_default().to_owned(),
            value: value.to_owned(),
            expected,
        };
        read(value).map(Some).ok_or_else(bad)
    }

    /// A whole number.
    pub fn number(&self, names: &[&str]) -> Result<Option<u64>, BadParam> {
        self.read(names, "a whole number", |text| text.parse().ok())
    }

    /// A duration such as `1.5s` or `1m30s`, in nanoseconds.
    pub fn duration(&self, names: &[&str]) -> Result<Option<u64>, BadParam> {
        self.read(
            names,
            "a duration such as 1.5s, 100ms or 500us",
            nanos_of_duration,
        )
    }

    /// A point in time as RFC 3339, in nanoseconds since the epoch.
    pub fn time(&self, names: &[&str]) -> Result<Option<u64>, BadParam> {
        self.read(
            names,
            "a time such as 2026-01-31T12:00:00.5Z",
            nanos_of_time,
        )
    }

    /// An object of strings as JSON, `{"key":"value"}`.
    pub fn string_map(&self, names: &[&str]) -> Result<Vec<(String, String)>, BadParam> {
        let map = self.read(
            names,
            r#"an object of strings such as {"http.route":"/cart"}"#,
            |text| serde_json::from_str::<std::collections::BTreeMap<String, String>>(text).ok(),
        )?;
        Ok(map.unwrap_or_default().into_iter().collect())
    }
}

/// Go's notation: decimal numbers with units, one after the other.
fn nanos_of_duration(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let scale = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * scale;
        rest = tail;
    }
    let valid = !text.is_empty() && sum.is_finite();
    // Durations of a query: a nanosecond more or less after a rounding does not matter.
    valid.then_some(sum.round() as u64)
}

fn nanos_of_time(text: &str) -> Option<u64> {
    let time = humantime::parse_rfc3339(text).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_go_durations() {
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(nanos_of_duration(text), expected, "{text}");
        };
        check("1.5s", Some(1_500_000_000));
        check("100ms", Some(100_000_000));
        check("500us", Some(500_000));
        check("500µs", Some(500_000));
        check("1m30s", Some(90_000_000_000));
        check("7ns", Some(7));
        check("1h", Some(3_600_000_000_000));
        check("", None);
        check("12", None);
        check("s", None);
        check("1 s", None);
        check("-1s", None);
        check("1.2.3s", None);
    }

    #[test]
    fn times_are_rfc_3339() {
        let check =
            |text: &str, expected: Option<u64>| assert_eq!(nanos_of_time(text), expected, "{text}");
        check("1970-01-01T00:00:01Z", Some(1_000_000_000));
        check("1970-01-01T00:00:00.000000007Z", Some(7));
        check("2026-01-31T12:00:00.5Z", Some(1_769_860_800_500_000_000));
        check("yesterday", None);
        check("1969-12-31T23:59:59Z", None);
    }

    #[test]
    fn a_bad_parameter_is_named() {
        let params = Params(vec![
            ("limit".to_owned(), "many".to_owned()),
            ("tags".to_owned(), "[1]".to_owned()),
        ]);
        let error = params.number(&["limit"]).unwrap_err().to_string();
        assert_eq!(error, r#"limit="many" is not a whole number"#);
        assert!(params.string_map(&["tags"]).is_err());
        assert_eq!(params.number(&["lookback"]), Ok(None));
    }
}
