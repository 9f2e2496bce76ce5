//! Trace and span identifiers as W3C Trace Context and OTLP define them.
//!
//! **Invariant:** knows no format beyond lower- and upper-case hex; whatever a format does to ids is its importer's
//! business.

use core::fmt;

/// A 128-bit trace id. Zero is the invalid id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(pub u128);

/// A 64-bit span id. Zero is the invalid id and stands for "no parent".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(pub u64);

impl TraceId {
    /// The invalid (all-zero) id.
    pub const INVALID: Self = Self(0);

    /// True unless all bits are zero.
    pub const fn is_valid(self) -> bool {
        self.0 != 0
    }

    /// Reads 1 to 32 hex digits of either case; shorter ids are padded with zeros on the left, as old Jaeger strips
    /// them.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        hex(text, 32).map(Self)
    }

    /// Reads 16 bytes, or 8 (a 64-bit id, padded), in network order.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            16 => Some(Self(u128::from_be_bytes(bytes.try_into().ok()?))),
            8 => Some(Self(u128::from(u64::from_be_bytes(bytes.try_into().ok()?)))),
            _ => None,
        }
    }

    /// The 16 bytes in network order.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The low 64 bits: what 64-bit tracers keep of the id.
    pub const fn low(self) -> u64 {
        self.0 as u64
    }

    /// The high 64 bits, zero for an id of a 64-bit tracer.
    pub const fn high(self) -> u64 {
        (self.0 >> 64) as u64
    }
}

impl SpanId {
    /// The invalid (all-zero) id.
    pub const INVALID: Self = Self(0);

    /// True unless all bits are zero.
    pub const fn is_valid(self) -> bool {
        self.0 != 0
    }

    /// Reads 1 to 16 hex digits of either case; shorter ids are padded with zeros on the left.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        hex(text, 16).map(|id| Self(id as u64))
    }

    /// Reads 8 bytes in network order.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(u64::from_be_bytes(bytes.try_into().ok()?)))
    }

    /// The 8 bytes in network order.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

fn hex(text: &[u8], max_digits: usize) -> Option<u128> {
    if text.is_empty() || text.len() > max_digits {
        return None;
    }
    // Sixteen digits at a time keep the arithmetic in 64 bits, which matters in wasm.
    let split = text.len().saturating_sub(16);
    let (high, low) = text.split_at(split);
    Some(u128::from(hex64(high)?) << 64 | u128::from(hex64(low)?))
}

fn hex64(text: &[u8]) -> Option<u64> {
    let mut value = 0u64;
    let mut bad = 0u8;
    for &byte in text {
        let digit = NIBBLE[byte as usize];
        bad |= digit;
        value = value << 4 | u64::from(digit & 0xf);
    }
    (bad & 0x80 == 0).then_some(value)
}

/// The value of each hex digit; the top bit marks bytes that are none.
static NIBBLE: [u8; 256] = {
    let mut table = [0x80u8; 256];
    let mut digit = 0u8;
    while digit < 16 {
        if digit < 10 {
            table[(b'0' + digit) as usize] = digit;
        } else {
            table[(b'a' + digit - 10) as usize] = digit;
            table[(b'A' + digit - 10) as usize] = digit;
        }
        digit += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_ids_read_and_print() {
        let check = |text: &str, expected: Option<&str>| {
            let id = TraceId::from_hex(text.as_bytes());
            assert_eq!(id.map(|id| id.to_string()).as_deref(), expected, "{text}");
        };
        check(
            "5b8efff798038103d269b633813fc60c",
            Some("5b8efff798038103d269b633813fc60c"),
        );
        check(
            "5B8EFFF798038103D269B633813FC60C",
            Some("5b8efff798038103d269b633813fc60c"),
        );
        check("a", Some("0000000000000000000000000000000a"));
        check(
            "1d269b633813fc60c",
            Some("0000000000000001d269b633813fc60c"),
        );
        check("", None);
        check("xyz", None);
        check("5b8efff798038103d269b633813fc60c0", None);
        check("5b8efff79803810 d269b633813fc60c", None);
    }

    #[test]
    fn span_ids_read_and_print() {
        let check = |text: &str, expected: Option<&str>| {
            let id = SpanId::from_hex(text.as_bytes());
            assert_eq!(id.map(|id| id.to_string()).as_deref(), expected, "{text}");
        };
        check("eee19b7ec3c1b174", Some("eee19b7ec3c1b174"));
        check("1", Some("0000000000000001"));
        check("00f067aa0ba902b70", None);
        check("é", None);
    }

    #[test]
    fn bytes_round_trip() {
        let id = TraceId(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
        assert_eq!(TraceId::from_bytes(&id.to_bytes()), Some(id));
        assert_eq!(
            TraceId::from_bytes(&[0, 0, 0, 0, 0, 0, 1, 2]),
            Some(TraceId(258))
        );
        assert_eq!(TraceId::from_bytes(&[1, 2, 3]), None);
        assert_eq!(
            (id.high(), id.low()),
            (0x0102_0304_0506_0708, 0x090a_0b0c_0d0e_0f10)
        );
        assert_eq!(SpanId::from_bytes(&SpanId(7).to_bytes()), Some(SpanId(7)));
    }
}
