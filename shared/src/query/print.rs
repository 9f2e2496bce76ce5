//! From [`Expr`] back to text: one spelling for everything that means the same.
//!
//! **Invariant:** what the parser made is printed to what it reads as the same again.

use core::fmt;

use super::{Check, Expr, Field, Holder, Literal, Op};

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("{ }"),
            Self::Text(text) => {
                match is_plain(text) && super::parse(text).as_ref() == Ok(&Some(self.clone())) {
                    true => f.write_str(text),
                    false => f.write_str(&quoted(text)),
                }
            }
            Self::Root => f.write_str("root"),
            Self::Test(field, check) => write!(f, "{field} {check}"),
            Self::Related(relation, inner) => match **inner {
                Self::Test(..) | Self::Related(..) => write!(f, "{}{inner}", relation.prefix()),
                _ => write!(f, "{}({inner})", relation.prefix()),
            },
            Self::Not(inner) => match **inner {
                Self::And(_) | Self::Or(_) => write!(f, "NOT ({inner})"),
                _ => write!(f, "NOT {inner}"),
            },
            Self::And(list) => join(f, list, " AND "),
            Self::Or(list) => join(f, list, " OR "),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, list: &[Expr], between: &str) -> fmt::Result {
    for (at, expr) in list.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        match expr {
            Expr::And(_) | Expr::Or(_) => write!(f, "({expr})")?,
            _ => write!(f, "{expr}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("exists"),
            Self::Is(op, literal) => write!(f, "{} {literal}", op.sign()),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quoted {
            true => f.write_str(&quoted(&self.text)),
            false => f.write_str(&self.text),
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sign())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (holder, key) = match self {
            Self::Own(intrinsic) => return f.write_str(intrinsic.name()),
            Self::Attribute(holder, key) => (*holder, key),
        };
        let short = if holder == Holder::Any {
            ""
        } else {
            holder.prefix()
        };
        for prefix in [short, holder.prefix()] {
            let name = format!("{prefix}{key}");
            if is_plain(key) && reads_as(&name, self) {
                return f.write_str(&name);
            }
        }
        write!(f, "{}{}", holder.prefix(), quoted(key))
    }
}

/// Whether a name is read as this field, and as that of the span itself.
fn reads_as(name: &str, field: &Field) -> bool {
    let check = Expr::Test(field.clone(), Check::Exists);
    super::parse(&format!("{name} exists")) == Ok(Some(check))
}

fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || "_-./:@$#".contains(c))
}

/// In quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
