//! Spawns the service processes, tells them about each other, and sees to it that all end.
//!
//! **Invariant:** knows processes and the handshake, no service's meaning.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::handshake::{Briefing, Report};
use crate::services;

/// How long a process may take to bind, or to fill its tables on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a process may take to end once its stdin is closed.
const STOP_LIMIT: Duration = Duration::from_secs(3);
/// How many of its last lines explain why a process ended.
const KEPT_LINES: usize = 12;

/// The running services.
pub struct Supervisor {
    services: Vec<Running>,
    ended: mpsc::UnboundedReceiver<Ended>,
}

/// A service that ended though nobody asked it to.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{name} ended ({how}): {reason}")]
pub struct Ended {
    name: &'static str,
    how: String,
    reason: String,
}

/// Why the services are not up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{name} cannot be started: {reason}")]
    Spawn {
        name: &'static str,
        reason: io::Error,
    },
    #[error("{name} ended before it could serve: {reason}")]
    Ended { name: &'static str, reason: String },
    #[error("{name} was not ready after {} s: {reason}", START_LIMIT.as_secs())]
    Slow { name: &'static str, reason: String },
    #[error("{name} does not take its briefing: {reason}")]
    Briefing {
        name: &'static str,
        reason: io::Error,
    },
}

struct Running {
    name: &'static str,
    pid: u32,
    address: SocketAddr,
    /// Open as long as the service shall run.
    stdin: ChildStdin,
    watch: JoinHandle<()>,
}

/// The last lines of a process, shared with the task that reads them.
#[derive(Clone, Default)]
struct LastLines(Arc<Mutex<VecDeque<String>>>);

struct Starting {
    name: &'static str,
    child: Child,
    stdin: ChildStdin,
    reports: Lines<BufReader<ChildStdout>>,
    last: LastLines,
}

impl Supervisor {
    /// Starts every service of [`services::ALL`] with `program`, the gateway on `gateway_port` if
    /// that is free. `briefing` lacks the peers only.
    ///
    /// # Errors
    /// When one cannot start; the others are killed then.
    pub async fn start(
        program: PathBuf,
        gateway_port: u16,
        mut briefing: Briefing,
    ) -> Result<Self, StartError> {
        let mut starting = Vec::new();
        for (name, _) in services::ALL {
            let port = (name == "gateway").then_some(gateway_port);
            starting.push(spawn(&program, name, port)?);
        }
        for service in &mut starting {
            if let Report::Listening(port) = service.next_report().await? {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                briefing.peers.insert(service.name.to_owned(), address);
            }
        }
        let line = serde_json::to_string(&briefing).unwrap_or_default() + "\n";
        for service in &mut starting {
            let name = service.name;
            let sent = service.stdin.write_all(line.as_bytes()).await;
            sent.map_err(|reason| StartError::Briefing { name, reason })?;
        }
        for service in &mut starting {
            service.next_report().await?;
        }
        let (report_end, ended) = mpsc::unbounded_channel();
        let running = starting
            .into_iter()
            .filter_map(|service| service.watched(&briefing.peers, &report_end));
        Ok(Self {
            services: running.collect(),
            ended,
        })
    }

    /// Where the service `name` listens.
    pub fn address(&self, name: &str) -> Option<SocketAddr> {
        let service = self.services.iter().find(|service| service.name == name);
        service.map(|service| service.address)
    }

    /// Process ids by service name.
    pub fn pids(&self) -> BTreeMap<&'static str, u32> {
        self.services
            .iter()
            .map(|service| (service.name, service.pid))
            .collect()
    }

    /// Waits for a service that ends by itself.
    pub async fn next_end(&mut self) -> Option<Ended> {
        self.ended.recv().await
    }

    /// Ends all services: first by asking, then by force. None is left when this returns.
    pub async fn stop(mut self) {
        self.ended.close();
        let mut watches = Vec::new();
        for service in self.services {
            drop(service.stdin);
            watches.push((service.pid, service.watch));
        }
        for (_, watch) in watches {
            // The watch kills what does not end in time, so this wait is bounded.
            let _ = watch.await;
        }
    }
}

fn spawn(program: &PathBuf, name: &'static str, port: Option<u16>) -> Result<Starting, StartError> {
    let failed = |reason| StartError::Spawn { name, reason };
    let mut command = Command::new(program);
    command.args(["service", name]);
    if let Some(port) = port {
        command.arg("--port").arg(port.to_string());
    }
    // A group of its own: Ctrl-C in the terminal is for the demo, which then ends its services.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(failed(io::Error::other("it has no pipes")));
    };
    let last = LastLines::default();
    tokio::spawn(last.clone().read(BufReader::new(stderr).lines()));
    Ok(Starting {
        name,
        child,
        stdin,
        reports: BufReader::new(stdout).lines(),
        last,
    })
}

impl Starting {
    async fn next_report(&mut self) -> Result<Report, StartError> {
        let name = self.name;
        let line = match timeout(START_LIMIT, self.reports.next_line()).await {
            Ok(Ok(Some(line))) => line,
            Ok(Ok(None) | Err(_)) => {
                // Its last words may still be on their way through the other pipe.
                let _ = timeout(Duration::from_millis(500), self.child.wait()).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
                let reason = self.last.text();
                return Err(StartError::Ended { name, reason });
            }
            Err(_) => {
                let reason = self.last.text();
                return Err(StartError::Slow { name, reason });
            }
        };
        serde_json::from_str(&line).map_err(|e| StartError::Ended {
            name,
            reason: format!("it said {line:?}: {e}"),
        })
    }

    fn watched(
        self,
        peers: &BTreeMap<String, SocketAddr>,
        report_end: &mpsc::UnboundedSender<Ended>,
    ) -> Option<Running> {
        let (pid, address) = (self.child.id()?, *peers.get(self.name)?);
        let (name, stdin) = (self.name, self.stdin);
        let watch = watch(name, self.child, self.last, report_end.clone());
        Some(Running {
            name,
            pid,
            address,
            stdin,
            watch: tokio::spawn(watch),
        })
    }
}

/// Waits for the end of `child`. Ends it by force when the demo has been stopping for a while: the
/// closed channel says that it is.
async fn watch(
    name: &'static str,
    mut child: Child,
    last: LastLines,
    report_end: mpsc::UnboundedSender<Ended>,
) {
    let status = tokio::select! {
        status = child.wait() => status,
        () = report_end.closed() => match timeout(STOP_LIMIT, child.wait()).await {
            Ok(status) => status,
            Err(_) => {
                let _ = child.kill().await;
                return;
            }
        },
    };
    let how = status.map_or_else(|e| e.to_string(), describe);
    // Nobody listens any more when the demo is stopping: then it is no news.
    let _ = report_end.send(Ended {
        name,
        how,
        reason: last.text(),
    });
}

fn describe(status: ExitStatus) -> String {
    status.to_string()
}

impl LastLines {
    async fn read<R: AsyncBufReadExt + Unpin>(self, mut lines: Lines<R>) {
        while let Ok(Some(line)) = lines.next_line().await {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == KEPT_LINES {
                kept.pop_front();
            }
            kept.push_back(line);
        }
    }

    fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_empty() {
            return "it gave no reason".to_owned();
        }
        kept.iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n    ")
    }
}
