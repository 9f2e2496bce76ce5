//! One service process, from its bind to its end.
//!
//! **Invariant:** knows the handshake and the list of services, nothing of what they do.

use std::io::{self, BufRead, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::handshake::{Briefing, Report};
use crate::outbound::Outbound;
use crate::services::{self, Env, Role};
use crate::telemetry::Telemetry;

/// Why a service could not serve.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error("there is no service called {0}; the services are: {1}")]
    UnknownService(String, String),
    #[error("no port of 127.0.0.1 can be bound: {0}")]
    Bind(io::Error),
    #[error("stdin held no briefing: {0}; `throughline-shop demo` starts services itself")]
    Briefing(String),
    #[error("the exporter cannot be built: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    #[error("the HTTP client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
    #[error("the database cannot be made: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the server stopped: {0}")]
    Serve(#[from] io::Error),
}

/// Runs the service `name` until stdin ends. It listens on `port` of loopback, or on any free one
/// when that is taken or none is given.
///
/// # Errors
/// When it cannot start, or its server stops by itself.
pub fn run(name: &str, port: Option<u16>) -> Result<(), ProcessError> {
    let role = services::role(name).ok_or_else(|| unknown(name))?;
    let listener = bind(port).map_err(ProcessError::Bind)?;
    report(Report::Listening(listener.local_addr()?.port()))?;
    let briefing = read_briefing()?;

    // The exporter brings a blocking client, which must begin and end outside of the runtime.
    let telemetry = match role {
        Role::Instrumented => Some(Telemetry::start(name, &briefing.collector)?),
        Role::ThirdParty => None,
    };
    let env = Env {
        outbound: Outbound::new(briefing.peers.clone())?,
        briefing,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        let router = services::router(name, &env)?.ok_or_else(|| unknown(name))?;
        let listener = TcpListener::from_std(listener)?;
        report(Report::Serving(true))?;
        serve(listener, router).await
    });
    // Blocking work that still runs is of no use to anybody any more.
    runtime.shutdown_background();
    if let Some(telemetry) = telemetry {
        telemetry.stop();
    }
    served
}

/// Serves until stdin ends; requests in flight are dropped then.
async fn serve(listener: TcpListener, router: Router) -> Result<(), ProcessError> {
    let app = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::select! {
        served = axum::serve(listener, app).into_future() => Ok(served?),
        () = end_of_stdin() => Ok(()),
    }
}

fn bind(port: Option<u16>) -> io::Result<StdListener> {
    let at = |port| StdListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = port.map_or_else(|| at(0), |port| at(port).or_else(|_| at(0)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn report(report: Report) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, &report)?;
    stdout.write_all(b"\n")?;
    stdout.flush()
}

fn read_briefing() -> Result<Briefing, ProcessError> {
    let mut line = String::new();
    let failed = |e: &dyn std::fmt::Display| ProcessError::Briefing(e.to_string());
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|e| failed(&e))?;
    serde_json::from_str(&line).map_err(|e| failed(&e))
}

/// Reads stdin on a thread of its own: the runtime must not wait for that read when it ends.
async fn end_of_stdin() {
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = ended.send(());
    });
    let _ = end.await;
}

fn unknown(name: &str) -> ProcessError {
    let known: Vec<&str> = services::ALL.iter().map(|(name, _)| *name).collect();
    ProcessError::UnknownService(name.to_owned(), known.join(", "))
}
