//! An HTTP service that continues traces, for the test suite of the W3C Trace Context
//! specification to drive:
//!
//! ```text
//! cargo run -p throughline-rum --example trace_context_service -- 5000
//! SPEC_LEVEL=2 SERVICE_ENDPOINT=http://127.0.0.1:5000/ python test.py
//! ```
//!
//! `POST /` with a JSON array of `{"url", "arguments"}` makes it POST each `arguments` to
//! its `url`, with the context of the request continued. It listens on this machine alone,
//! one thread a request, and closes every connection after its answer.
//!
//! **Invariant**: what headers mean is decided in the library; here is nothing but HTTP.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::value::RawValue;
use throughline_rum::ids::IdSource;
use throughline_rum::propagation::{Format, Remote, answer, extract};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Longest request that is read, and how long anybody may take.
const MAX_BODY: usize = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// One call that the service is asked to make.
#[derive(Deserialize)]
struct Call<'a> {
    url: String,
    #[serde(borrow)]
    arguments: &'a RawValue,
}

/// Headers as they came, and the body.
struct Request {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn main() -> Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "0".to_owned());
    let listener = TcpListener::bind(("127.0.0.1", port.parse()?))?;
    println!("listening on http://{}/", listener.local_addr()?);
    for (number, stream) in listener.incoming().enumerate() {
        let stream = stream?;
        std::thread::spawn(move || {
            if let Err(error) = serve(stream, number as u64) {
                eprintln!("request {number}: {error}");
            }
        });
    }
    Ok(())
}

fn serve(mut stream: TcpStream, number: u64) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = read(&stream)?;
    let headers: Vec<_> = request.headers.iter().map(|(n, v)| (&**n, &**v)).collect();
    let mut ids = IdSource::new([clock(), number << 32 | u64::from(process::id())]);
    let remote = extract(&headers, &[Format::W3c]);
    let here = answer(remote, &mut ids);
    let calls: Vec<Call<'_>> = serde_json::from_slice(&request.body).unwrap_or_default();
    let mut status = "200 OK";
    for call in calls {
        // Every call is a span of its own.
        let span = answer(Some(here.clone()), &mut ids);
        if let Err(error) = post(&call, &span) {
            eprintln!("{}: {error}", call.url);
            status = "502 Bad Gateway";
        }
    }
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )?;
    Ok(())
}

fn read(stream: &TcpStream) -> Result<Request> {
    let mut reader = BufReader::new(stream.take(2 * MAX_BODY as u64));
    let mut headers = Vec::new();
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        // Headers are bytes; what is not ASCII in them is nothing that we believe in.
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    let is_length = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("content-length");
    let length = headers.iter().find(is_length);
    let length: usize = length.map_or(Ok(0), |(_, value)| value.trim().parse())?;
    if length > MAX_BODY {
        return Err(format!("a body of {length} bytes is too much").into());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Request { headers, body })
}

fn post(call: &Call<'_>, span: &Remote) -> Result<()> {
    let rest = call
        .url
        .strip_prefix("http://")
        .ok_or("only http is spoken")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = call.arguments.get();
    let mut head = format!(
        "POST /{path} HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n",
        body.len()
    );
    for (name, value) in Format::W3c.inject(&span.context, &span.state) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    // The answer itself says nothing; it is there when its first line is.
    BufReader::new(stream).read_line(&mut String::new())?;
    Ok(())
}

fn clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_nanos() as u64)
}
