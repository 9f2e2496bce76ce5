//! The server of the pages under test: it answers in all the ways that servers do, and keeps every byte of what it
//! was asked, so that requests can be compared.
//!
//! **Invariant:** one thread a connection; on a free port of this machine only.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{files, places};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `GET /echo?c=…`
    pub line: String,
    /// Names and values, in their order.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub body: Vec<u8>,
    /// When it came, since 1970.
    pub at: Duration,
}

impl Asked {
    /// The values of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let named = self
            .headers
            .iter()
            .filter(|(each, _)| each.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The body, unpacked.
    ///
    /// # Panics
    /// When it says that it is packed, and is not.
    pub fn plain(&self) -> Vec<u8> {
        if self.header("content-encoding") != ["gzip"] {
            return self.body.clone();
        }
        let mut plain = Vec::new();
        let mut reader = flate2::read::GzDecoder::new(&*self.body);
        reader.read_to_end(&mut plain).expect("gzip");
        plain
    }

    /// The value of `c` in the query: the case that it belongs to.
    pub fn case(&self) -> &str {
        let query = self.line.split_once("c=").map_or("", |(_, after)| after);
        query.split(['&', ' ']).next().unwrap_or_default()
    }

    /// The path that was asked for, without its query.
    pub fn path(&self) -> &str {
        let target = self.line.split(' ').nth(1).unwrap_or_default();
        target.split('?').next().unwrap_or_default()
    }
}

#[derive(Default)]
struct Shared {
    asked: Mutex<Vec<Asked>>,
    /// How many bytes of large answers were taken.
    taken: AtomicU64,
    /// How many endless answers are being sent, by case.
    endless: Mutex<HashMap<String, i32>>,
    /// What stands for `{{word}}` in pages and scripts.
    words: Mutex<HashMap<String, String>>,
    /// An application: its folder, and what its page gets in its head.
    app: Mutex<(PathBuf, String)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server that runs until the test program ends.
#[derive(Clone)]
pub struct Server {
    /// `http://127.0.0.1:PORT`.
    pub origin: String,
    shared: Arc<Shared>,
}

impl Default for Server {
    fn default() -> Self {
        Self::start()
    }
}

impl Server {
    /// On a free port.
    ///
    /// # Panics
    /// When there is none.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::<Shared>::default();
        let kept = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = kept.clone();
                // Who goes away before the answer is no failure of the server.
                thread::spawn(move || serve(stream, &shared).ok());
            }
        });
        Self { origin, shared }
    }

    /// Has pages say this where they say `{{word}}`.
    pub fn say(&self, word: &str, text: &str) {
        lock(&self.shared.words).insert(word.to_owned(), text.to_owned());
    }

    /// Serves an application below `/app/`, with this in the head of its page.
    pub fn serve(&self, folder: &Path, head: &str) {
        *lock(&self.shared.app) = (folder.to_owned(), head.to_owned());
    }

    /// How many bytes of large answers, at `/large`, were taken so far.
    pub fn taken(&self) -> u64 {
        self.shared.taken.load(Ordering::Relaxed)
    }

    /// What was asked since the last call.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut lock(&self.shared.asked))
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_write_timeout(Some(Duration::from_secs(30)))?;
    let mut out = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let asked = read(&mut reader)?;
        if asked.line.is_empty() {
            return Ok(());
        }
        reply(&mut out, asked, shared)?;
    }
}

/// Answers a request. What has no known length ends with the connection, and with an error here.
fn reply(out: &mut TcpStream, asked: Asked, shared: &Shared) -> std::io::Result<()> {
    let path = asked.path().to_owned();
    let case = asked.case().to_owned();
    lock(&shared.asked).push(asked.clone());
    if asked.line.starts_with("OPTIONS ") {
        let allowed = !path.starts_with("/closed");
        let headers = if allowed { ALLOWED } else { "" };
        // Long enough to be seen in the timing.
        thread::sleep(Duration::from_millis(20));
        return answer(out, "204 No Content", "text/plain", headers, b"");
    }
    match path.trim_start_matches('/') {
        "echo" | "other/echo" => {
            let body = format!("{}\n{}", asked.line, String::from_utf8_lossy(&asked.body));
            answer(out, "200 OK", "text/plain", "", body.as_bytes())
        }
        "open" => answer(out, "200 Fine", "text/plain", ALLOWED, b"open"),
        "length" => answer(
            out,
            "200 OK",
            "text/plain",
            "",
            asked.body.len().to_string().as_bytes(),
        ),
        "closed" => answer(out, "200 OK", "text/plain", "", b"closed"),
        "redirect" => answer(
            out,
            "302 Found",
            "text/plain",
            &format!("location: /echo?c={case}\r\n"),
            b"",
        ),
        "slow" => {
            thread::sleep(Duration::from_millis(400));
            answer(out, "200 OK", "text/plain", "", b"late")
        }
        "break" => {
            write!(out, "HTTP/1.1 200 OK\r\ncontent-le")?;
            Err(ErrorKind::Other.into())
        }
        "pieces" => {
            write!(
                out,
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n"
            )?;
            for piece in ["one ", "two ", "three"] {
                out.write_all(piece.as_bytes())?;
                out.flush()?;
                thread::sleep(Duration::from_millis(30));
            }
            Err(ErrorKind::Other.into())
        }
        "endless" => {
            *lock(&shared.endless).entry(case.clone()).or_default() += 1;
            let sent = endless(out);
            *lock(&shared.endless).entry(case).or_default() -= 1;
            sent
        }
        "large" => {
            write!(
                out,
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {LARGE}\r\n\r\n"
            )?;
            let piece = [b'x'; 64 << 10];
            for _ in 0..LARGE / piece.len() {
                out.write_all(&piece)?;
                shared
                    .taken
                    .fetch_add(piece.len() as u64, Ordering::Relaxed);
            }
            Err(ErrorKind::Other.into())
        }
        "endless-open" => {
            let open = lock(&shared.endless)
                .get(&case)
                .copied()
                .unwrap_or_default();
            answer(out, "200 OK", "text/plain", "", open.to_string().as_bytes())
        }
        // The collectors of several makers.
        "v1/traces" | "v1/logs" | "intake/v2/rum/events" | "config/v1/rum/agents" => {
            collect(out, &path, shared)
        }
        name => match name.strip_prefix("status/") {
            Some("204") => answer(out, "204 No Content", "text/plain", "", b""),
            Some(status) => answer(
                out,
                &format!("{status} Status"),
                "text/plain",
                "",
                status.as_bytes(),
            ),
            None => file(out, name, shared),
        },
    }
}

/// Answers as a collector that is well, or as the word `collector` has it, for log records `logs`: with a status, `gone`,
/// `slow`, or with what no collector says.
fn collect(out: &mut TcpStream, path: &str, shared: &Shared) -> std::io::Result<()> {
    let words = lock(&shared.words).clone();
    let logs = words.get("logs").filter(|_| path.ends_with("logs"));
    let mood = logs.or(words.get("collector"));
    let (status, mime, body): (&str, &str, &[u8]) = match mood.map_or("", String::as_str) {
        "" => ("200 OK", "application/x-protobuf", b""),
        "gone" => return Err(ErrorKind::Other.into()),
        "slow" => {
            thread::sleep(Duration::from_millis(1_500));
            ("200 OK", "application/x-protobuf", b"")
        }
        "page" => ("200 OK", "text/html", b"<!doctype html><p>Welcome"),
        "noise" => ("200 OK", "application/x-protobuf", &[0xff; 512]),
        "huge" => ("200 OK", "application/x-protobuf", &[10; 10 << 20]),
        status => {
            let line = format!("{status} Status");
            return answer(out, &line, "text/plain", ALLOWED, b"no");
        }
    };
    answer(out, status, mime, ALLOWED, body)
}

/// Bytes of a large answer.
const LARGE: usize = 64 << 20;

const ALLOWED: &str = "access-control-allow-origin: *\r\naccess-control-allow-headers: *\r\naccess-control-max-age: 600\r\ntiming-allow-origin: *\r\n";

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Asked> {
    let mut asked = Asked::default();
    let mut line = String::new();
    reader.read_line(&mut line)?;
    line.trim_end()
        .strip_suffix(" HTTP/1.1")
        .unwrap_or_default()
        .clone_into(&mut asked.line);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        asked
            .headers
            .push((name.to_owned(), value.trim().to_owned()));
    }
    asked.at = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let length = asked
        .header("content-length")
        .first()
        .and_then(|length| length.parse().ok());
    asked.body.resize(length.unwrap_or(0), 0);
    reader.read_exact(&mut asked.body)?;
    Ok(asked)
}

fn answer(
    out: &mut TcpStream,
    status: &str,
    mime: &str,
    headers: &str,
    body: &[u8],
) -> std::io::Result<()> {
    let length = body.len();
    write!(
        out,
        "HTTP/1.1 {status}\r\ncache-control: no-store\r\ncontent-type: {mime}\r\ncontent-length: {length}\r\n{headers}\r\n"
    )?;
    out.write_all(body)?;
    out.flush()
}

fn endless(out: &mut TcpStream) -> std::io::Result<()> {
    write!(
        out,
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n"
    )?;
    for _ in 0..2_000 {
        out.write_all(&[b'x'; 1024])?;
        out.flush()?;
        thread::sleep(Duration::from_millis(5));
    }
    Err(ErrorKind::Other.into())
}

/// A file of `tests/pages/rum`, or the library in one of its forms.
fn file(out: &mut TcpStream, name: &str, shared: &Shared) -> std::io::Result<()> {
    let (app, head) = lock(&shared.app).clone();
    let path = match name {
        name if name.starts_with("app/") || name.starts_with("assets/") => {
            app.join(name.trim_start_matches("app/"))
        }
        // Without what it loads from beside itself.
        "alone/throughline.js" => places::dist().join("rum/throughline.js"),
        name if name.starts_with("throughline") => places::dist().join("rum").join(name),
        "index.js" | "full.js" => places::dist().join("rum/npm").join(name),
        "url.js" => files::root().join("rum/js").join(name),
        name => files::root().join("tests/pages/rum").join(name),
    };
    let inside = !name.contains("..");
    let Some(mut text) = std::fs::read_to_string(path).ok().filter(|_| inside) else {
        return answer(out, "404 Not Found", "text/plain", "", b"nothing here");
    };
    for (word, instead) in lock(&shared.words).iter() {
        text = text.replace(&format!("{{{{{word}}}}}"), instead);
    }
    if name.starts_with("app/") {
        text = text.replacen("<title>", &format!("{head}<title>"), 1);
    }
    let mime = if name.ends_with(".html") {
        "text/html; charset=utf-8"
    } else {
        "text/javascript; charset=utf-8"
    };
    // A module is asked for with CORS, which a sandboxed frame needs permission for.
    answer(out, "200 OK", mime, ALLOWED, text.as_bytes())
}
