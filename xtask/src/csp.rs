//! The content security policy of the built page.
//!
//! **Invariant**: text in, text out. The policy allows no inline script except those that were in
//! the page when it was built, each by its hash.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The page with the policy in its head, before anything that it governs; only a `<meta charset>`
/// may stay in front of it. `None` if the page has no head.
pub fn protect(html: &str) -> Option<String> {
    let tag = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">",
        policy(&inline_hashes(html))
    );
    let at = place(html)?;
    let (before, after) = html.split_at_checked(at)?;
    Some(format!("{before}\n{tag}{after}"))
}

fn policy(hashes: &[String]) -> String {
    let mut scripts = String::from("'self' 'wasm-unsafe-eval'");
    for hash in hashes {
        scripts.push_str(&format!(" '{hash}'"));
    }
    // Traces are loaded from wherever the user says; nothing else comes from elsewhere.
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self' http: https: blob: data:; worker-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'none'"
    )
}

/// `sha256-…` of each inline script that the browser would run, over exactly the text between
/// its tags, in the order of the page and each once.
fn inline_hashes(html: &str) -> Vec<String> {
    let mut hashes = Vec::new();
    let mut rest = html;
    while let Some((tag, after)) = next_script(rest) {
        let end = find_ignoring_case(after, "</script").unwrap_or(after.len());
        let (text, after) = after.split_at_checked(end).unwrap_or((after, ""));
        if !has_attribute(tag, "src") {
            let hash = format!("sha256-{}", STANDARD.encode(Sha256::digest(text)));
            if !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
        rest = after;
    }
    hashes
}

/// The next script's attributes and all that follows its opening tag. Comments are skipped: a
/// script in one is none.
fn next_script(html: &str) -> Option<(&str, &str)> {
    let mut rest = html;
    loop {
        let (_, after) = rest.split_once('<')?;
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
            continue;
        }
        let is_script = after
            .get(..6)
            .is_some_and(|name| name.eq_ignore_ascii_case("script"));
        let tail = after.get(6..).unwrap_or_default();
        if is_script && tail.starts_with(|c: char| c.is_ascii_whitespace() || c == '>') {
            return tail.split_once('>');
        }
        rest = after;
    }
}

fn has_attribute(tag: &str, name: &str) -> bool {
    tag.split_ascii_whitespace().any(|part| {
        let key = part.split_once('=').map_or(part, |(key, _)| key);
        key.eq_ignore_ascii_case(name)
    })
}

/// Where the policy goes: behind the head's opening tag and a charset that comes first there.
fn place(html: &str) -> Option<usize> {
    let head = find_ignoring_case(html, "<head")?;
    let head_end = head + html.get(head..)?.find('>')? + 1;
    let behind = html.get(head_end..)?;
    let trimmed = behind.trim_start();
    let is_charset = find_ignoring_case(trimmed, "<meta charset") == Some(0);
    if !is_charset {
        return Some(head_end);
    }
    let skipped = behind.len() - trimmed.len();
    Some(head_end + skipped + trimmed.find('>')? + 1)
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    // ASCII lower-casing keeps every byte's position.
    text.to_ascii_lowercase().find(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `alert(1)` and of nothing, as `openssl dgst -sha256 -binary | base64` gives them.
    const ALERT: &str = "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=";
    const EMPTY: &str = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn hashes_of_inline_scripts() {
        let check = |html: &str, expected: &[&str]| assert_eq!(inline_hashes(html), expected);
        check("", &[]);
        check("<p>no scripts, no scripting", &[]);
        check("<script>alert(1)</script>", &[ALERT]);
        check("<SCRIPT type=module>alert(1)</SCRIPT >", &[ALERT]);
        check("<script src='a.js'></script><script></script>", &[EMPTY]);
        check("<script\n  SRC=a.js defer></script>", &[]);
        check("<script data-src=a>alert(1)</script>", &[ALERT]);
        check(
            "<script>alert(1)</script><script>alert(1)</script>",
            &[ALERT],
        );
        check(
            "<!-- <script>x</script> --><script>alert(1)</script>",
            &[ALERT],
        );
        check("<scripted>x</scripted>", &[]);
        check("<script>alert(1)", &[ALERT]);
    }

    #[test]
    fn the_policy_comes_first() {
        let check = |html: &str, before: &str| {
            let page = protect(html).unwrap();
            let (front, _) = page.split_once("\n<meta http-equiv").unwrap();
            assert_eq!(front, before);
        };
        check("<html><head><title>x</title></head>", "<html><head>");
        check(
            "<head>\n  <meta charset=utf-8><title>",
            "<head>\n  <meta charset=utf-8>",
        );
        check(
            "<HEAD lang=en><META CHARSET='utf-8'/>",
            "<HEAD lang=en><META CHARSET='utf-8'/>",
        );
        check("<head><script>1</script><meta charset=utf-8>", "<head>");
        assert_eq!(protect("<p>a page without one"), None);
    }

    #[test]
    fn the_policy_allows_its_own_scripts_only() {
        let page = protect("<head></head><script>alert(1)</script>").unwrap();
        let expected = format!("script-src 'self' 'wasm-unsafe-eval' '{ALERT}';");
        assert!(page.contains(&expected), "{page}");
        assert!(!page.contains("unsafe-inline") && !page.contains("'unsafe-eval'"));
        assert!(page.contains("default-src 'none'"));
    }
}
