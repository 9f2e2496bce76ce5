//! The demo: collector, viewer and services up, addresses printed, everything down again.
//!
//! **Invariant:** puts the parts together; each part knows nothing of the others.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::collector::{self, Collector};
use crate::handshake::{Briefing, PaymentFail};
use crate::load::{self, Load};
use crate::supervisor::{StartError, Supervisor};
use crate::telemetry::Telemetry;

/// What `throughline-shop demo` can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The built viewer; without it only the shop and the collector are there.
    pub dist: Option<PathBuf>,
    /// Wanted port of viewer and collector; 0 for any.
    pub port: u16,
    /// Wanted port of the shop page; 0 for any.
    pub shop_port: u16,
    /// How much the collector keeps.
    pub memory_mib: usize,
    /// How often to check out by itself.
    pub load: u32,
    /// When payments fail.
    pub payment_fail: PaymentFail,
    /// Stop after the load.
    pub exit: bool,
    /// Print JSON lines.
    pub json: bool,
    /// Stop when stdin ends.
    pub stop_with_stdin: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dist: None,
            port: 4318,
            shop_port: 4319,
            memory_mib: 64,
            load: 0,
            payment_fail: PaymentFail::default(),
            exit: false,
            json: false,
            stop_with_stdin: false,
        }
    }
}

/// Why the demo ended badly.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("no port of 127.0.0.1 can be bound: {0}")]
    Bind(io::Error),
    #[error("{} is not a folder: build the viewer first, with `cargo xtask build`", .0.display())]
    NoDist(PathBuf),
    #[error("the services cannot be started: {0}")]
    Start(#[from] StartError),
    #[error("the load cannot be driven: {0}")]
    Load(#[from] load::LoadError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs the demo until it is told to stop.
///
/// # Errors
/// When it cannot start, or the load cannot be driven.
pub fn run(options: &Options) -> Result<(), DemoError> {
    if let Some(dist) = options.dist.as_ref().filter(|dist| !dist.is_dir()) {
        return Err(DemoError::NoDist(dist.clone()));
    }
    let listener = bind(options.port).map_err(DemoError::Bind)?;
    let base = format!("http://{}", listener.local_addr()?);
    // The exporter brings a blocking client, which must not be made inside of a runtime.
    let telemetry = (options.load > 0).then(|| Telemetry::start(load::SERVICE, &base));
    let telemetry = telemetry
        .transpose()
        .map_err(|e| io::Error::other(e.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ran = runtime.block_on(serve(options, listener, base, telemetry));
    runtime.shutdown_background();
    ran
}

async fn serve(
    options: &Options,
    listener: StdListener,
    base: String,
    telemetry: Option<Telemetry>,
) -> Result<(), DemoError> {
    // From here on a signal must find services to stop, not a program that dies at once.
    let stop = stop_signal(options.stop_with_stdin)?;
    let collector = Arc::new(Collector::new(options.memory_mib.saturating_mul(1 << 20)));
    let router = collector::router(collector.clone(), options.dist.as_deref());
    let listener = TcpListener::from_std(listener)?;
    tokio::spawn(axum::serve(listener, router).into_future());

    let briefing = Briefing {
        collector: base.clone(),
        viewer: base.clone(),
        dist: options.dist.clone().unwrap_or_default(),
        payment_fail: options.payment_fail,
        peers: BTreeMap::new(),
    };
    let program = std::env::current_exe()?;
    tokio::pin!(stop);
    let supervisor = tokio::select! {
        started = Supervisor::start(program, options.shop_port, briefing) => started?,
        () = &mut stop => return Ok(()),
    };
    let gateway = supervisor
        .address("gateway")
        .unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let place = Place {
        base,
        shop: format!("http://{gateway}"),
    };
    place.print(options, &supervisor);
    let ran = attend(options, &place, collector, supervisor, stop).await;
    if let Some(telemetry) = telemetry {
        // Its blocking client must not be dropped on the runtime's own thread.
        let _ = tokio::task::spawn_blocking(|| telemetry.stop()).await;
    }
    ran
}

/// Drives the load and watches the services until the demo is told to stop; stops them then.
async fn attend(
    options: &Options,
    place: &Place,
    collector: Arc<Collector>,
    mut supervisor: Supervisor,
    mut stop: impl Future<Output = ()> + Unpin,
) -> Result<(), DemoError> {
    let load = Load {
        shop: place.shop.clone(),
        base: place.base.clone(),
        count: options.load,
        json: options.json,
    };
    let load = async {
        let driven = load.drive(&collector).await;
        if driven.is_ok() && !options.exit {
            std::future::pending::<()>().await;
        }
        driven
    };
    tokio::pin!(load);
    let ran = loop {
        tokio::select! {
            driven = &mut load => break driven.map_err(DemoError::from),
            () = &mut stop => break Ok(()),
            Some(ended) = supervisor.next_end() => {
                eprintln!("{ended}\nThe shop goes on without it; stop the demo and start it again to get it back.");
            }
        }
    };
    supervisor.stop().await;
    ran
}

/// Where everything is.
struct Place {
    base: String,
    shop: String,
}

impl Place {
    fn print(&self, options: &Options, supervisor: &Supervisor) {
        let Self { base, shop } = self;
        if options.json {
            let line = json!({
                "ready": true,
                "shop": shop,
                "viewer": base,
                "collector": base,
                "pid": std::process::id(),
                "pids": supervisor.pids(),
            });
            say(&line.to_string());
            return;
        }
        for (url, wanted) in [(base, options.port), (shop, options.shop_port)] {
            if wanted != 0 && !url.ends_with(&format!(":{wanted}")) {
                say(&format!("Port {wanted} is taken; using another one."));
            }
        }
        let without = if options.dist.is_none() {
            "   (not built: no --dist)"
        } else {
            ""
        };
        say(&format!(
            "\n  Shop       {shop}/   click Check out, then follow the link\
             \n  Viewer     {base}/{without}\
             \n  Collector  {base}   OTLP/HTTP in at /v1/traces, Jaeger's API out at /api\n\
             \nCtrl-C stops everything.\n"
        ));
    }
}

/// Prints a line now, also into a pipe. A reader that is gone is no reason to stop serving.
pub fn say(line: &str) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}");
    let _ = stdout.flush();
}

fn bind(port: u16) -> io::Result<StdListener> {
    let at = |port| StdListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = at(port).or_else(|_| at(0))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Resolves on Ctrl-C, on SIGTERM, and at the end of stdin when asked. The handlers are in place
/// when this returns.
fn stop_signal(with_stdin: bool) -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(unix)]
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let (ended, end) = oneshot::channel();
    if with_stdin {
        std::thread::spawn(move || {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = ended.send(());
        });
    }
    Ok(async move {
        let stdin = async {
            if !with_stdin || end.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        #[cfg(unix)]
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = stdin => {}
        }
        #[cfg(not(unix))]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = stdin => {}
        }
    })
}
