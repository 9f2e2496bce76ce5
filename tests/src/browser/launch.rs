//! How a driver is started and what a new session of its browser is asked for.
//!
//! **Invariant:** every port is a free one, every profile a new one; the browser talks to nobody but this machine.

use std::{
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Browser, Guard, PATIENCE};
use crate::places;

/// What the page may be wide and high, CSS pixels.
pub const WINDOW: (u32, u32) = (1280, 860);

/// A driver that runs.
pub struct Driver {
    pub child: Child,
    /// The screen, for a browser that needs one.
    pub screen: Option<Child>,
    pub port: u16,
    /// All that it has printed; Firefox's page errors are in there.
    pub output: Arc<Mutex<Vec<String>>>,
}

/// Starts the driver of a browser and waits until it says on which port it listens.
pub fn driver(browser: Browser, guard: &mut Guard) -> Driver {
    let driver = match browser {
        Browser::WebKit => webkit_driver(guard),
        _ => talking_driver(browser),
    };
    guard.watch(u64::from(driver.child.id()));
    driver
}

/// Whether the system has all that WebKit needs.
pub fn webkit_is_there() -> bool {
    ["THROUGHLINE_WEBKITDRIVER", "THROUGHLINE_XVFB"]
        .iter()
        .all(|name| std::env::var_os(name).is_some())
}

/// WebKit has no mode without a screen, and its driver says nothing.
fn webkit_driver(guard: &mut Guard) -> Driver {
    let mut screen = Command::new(places::needed("THROUGHLINE_XVFB"));
    screen.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"]);
    screen.arg(format!("{}x{}x24", WINDOW.0, WINDOW.1 + 100));
    screen
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut screen = screen.spawn().expect("Xvfb starts");
    guard.watch(u64::from(screen.id()));
    let mut number = String::new();
    let said = screen.stdout.take().expect("its output");
    BufReader::new(said)
        .read_line(&mut number)
        .expect("the number of the screen");
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr());
    let port = free.expect("a free port").port();
    let mut command = Command::new(places::needed("THROUGHLINE_WEBKITDRIVER"));
    command.arg(format!("--port={port}"));
    command
        .env("DISPLAY", format!(":{}", number.trim()))
        .env("HOME", guard.folder());
    // A software screen is all there is, and no session of a desktop.
    command
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("NO_AT_BRIDGE", "1")
        .env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let child = command.spawn().expect("WebKit's driver starts");
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            begin.elapsed() < PATIENCE,
            "WebKit's driver does not listen"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    Driver {
        child,
        screen: Some(screen),
        port,
        output: Arc::default(),
    }
}

fn talking_driver(browser: Browser) -> Driver {
    let mut command = match browser {
        Browser::Chromium => {
            let mut command = Command::new(places::needed("THROUGHLINE_CHROMEDRIVER"));
            command.arg("--port=0");
            command
        }
        _ => {
            let mut command = Command::new(places::needed("THROUGHLINE_GECKODRIVER"));
            command.args(["--port", "0", "--websocket-port", "0"]);
            command
        }
    };
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{browser:?}'s driver does not start: {error}"));
    let output = Arc::new(Mutex::new(Vec::new()));
    let (said, heard) = mpsc::channel();
    let lines = child.stdout.take().map(BufReader::new);
    let kept = output.clone();
    std::thread::spawn(move || {
        for line in lines
            .into_iter()
            .flat_map(BufRead::lines)
            .map_while(Result::ok)
        {
            if let Some(port) = port_in(&line) {
                said.send(port).ok();
            }
            kept.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    });
    let port = heard.recv_timeout(Duration::from_secs(60));
    let port = port.unwrap_or_else(|_| panic!("{browser:?}'s driver does not say its port"));
    Driver {
        child,
        screen: None,
        port,
        output,
    }
}

/// `… started successfully on port 4444.` or `… Listening on 127.0.0.1:4444`
fn port_in(line: &str) -> Option<u16> {
    let behind = line
        .split_once("successfully on port ")
        .or_else(|| line.split_once("Listening on 127.0.0.1:"))?;
    behind.1.trim().trim_end_matches('.').parse().ok()
}

/// What a new session is asked for.
pub fn capabilities(browser: Browser, guard: &Guard, more: &[String]) -> Value {
    let always = match browser {
        Browser::Chromium => chromium(guard, more),
        Browser::Firefox => firefox(guard),
        Browser::WebKit => json!({}),
    };
    json!({"capabilities": {"alwaysMatch": always}})
}

fn chromium(guard: &Guard, more: &[String]) -> Value {
    let mut args: Vec<String> = [
        "--headless=new",
        // Containers and root have no sandbox; the pages are our own.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
        "--disable-search-engine-choice-screen",
        // Tests of two browsers take turns: what is not in front has to run, too.
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        "--force-device-scale-factor=1",
    ]
    .map(str::to_owned)
    .to_vec();
    args.push(format!("--window-size={},{}", WINDOW.0, WINDOW.1));
    args.push(format!(
        "--user-data-dir={}",
        guard.folder().join("profile").display()
    ));
    args.extend(more.iter().cloned());
    json!({
        "goog:chromeOptions": {
            "binary": places::needed("THROUGHLINE_CHROMIUM"),
            "args": args,
        },
        "goog:loggingPrefs": {"browser": "ALL"},
    })
}

fn firefox(guard: &Guard) -> Value {
    let profile = guard.folder().join("profile");
    std::fs::create_dir_all(&profile).expect("a folder for the profile");
    json!({
        "moz:firefoxOptions": {
            "binary": places::needed("THROUGHLINE_FIREFOX"),
            "args": ["-headless", "-profile", profile],
            "prefs": {
                // What pages log and throw goes to the driver's output.
                "devtools.console.stdout.content": true,
                "browser.dom.window.dump.enabled": true,
                "devtools.console.stdout.chrome": false,
                // Nothing but the pages under test.
                "network.captive-portal-service.enabled": false,
                "network.connectivity-service.enabled": false,
                "datareporting.policy.dataSubmissionEnabled": false,
                "browser.safebrowsing.downloads.enabled": false,
                "services.settings.server": "data:,nothing",
                "ui.prefersReducedMotion": 1,
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::port_in;

    #[test]
    fn drivers_say_their_port() {
        let check = |line: &str, expected| assert_eq!(port_in(line), expected, "{line}");
        check(
            "ChromeDriver was started successfully on port 41035.",
            Some(41035),
        );
        check(
            "1700 geckodriver INFO Listening on 127.0.0.1:4444",
            Some(4444),
        );
        check("Starting ChromeDriver 156.0 on port 0", None);
    }
}
