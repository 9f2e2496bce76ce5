//! The command line: `demo` for people, `service` for the processes that `demo` spawns.
//!
//! **Invariant:** reads words and prints sentences; starts nothing itself.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::{Long, Short, Value, ValueExt};

use crate::demo::{self, Options};
use crate::handshake::PaymentFail;
use crate::process;

const HELP: &str = "\
A small shop that is a real distributed system, with an embedded collector and the viewer.

throughline-shop demo --dist DIR [options]
    --dist DIR            the built viewer, with rum/throughline.js in it
    --port PORT           viewer and collector (4318; a free one when that is taken)
    --shop-port PORT      shop page (4319; a free one when that is taken)
    --memory MIB          how much the collector keeps; the oldest traces go first (64)
    --payment-fail WHEN   always, never or sometimes: the first try of a payment (sometimes)
    --load N              check out N times and print the links of the traces
    --exit                stop after the load
    --json                one JSON object a line instead of text, the first when all is ready
    --stop-with-stdin     stop when stdin ends, for programs that start this one
throughline-shop service NAME [--port PORT]
    one service; started by `demo`, which tells it the rest
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Help,
    Demo(Options),
    Service { name: String, port: Option<u16> },
}

/// Runs the program on its command line.
pub fn main() -> ExitCode {
    let result = match parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(Command::Demo(options)) => demo::run(&options).map_err(|e| e.to_string()),
        Ok(Command::Service { name, port }) => process::run(&name, port).map_err(|e| e.to_string()),
        Err(error) => {
            eprintln!("throughline-shop: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("throughline-shop: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut args = lexopt::Parser::from_args(args);
    match args.next()? {
        Some(Value(word)) if word == "demo" => parse_demo(args),
        Some(Value(word)) if word == "service" => parse_service(args),
        Some(Long("help") | Short('h')) | None => Ok(Command::Help),
        Some(other) => Err(other.unexpected()),
    }
}

fn parse_demo(mut args: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    while let Some(arg) = args.next()? {
        match arg {
            Long("dist") => options.dist = Some(PathBuf::from(args.value()?)),
            Long("port") => options.port = args.value()?.parse()?,
            Long("shop-port") => options.shop_port = args.value()?.parse()?,
            Long("memory") => options.memory_mib = args.value()?.parse()?,
            Long("load") => options.load = args.value()?.parse()?,
            Long("payment-fail") => {
                options.payment_fail = args.value()?.parse_with(payment_fail)?;
            }
            Long("exit") => options.exit = true,
            Long("json") => options.json = true,
            Long("stop-with-stdin") => options.stop_with_stdin = true,
            Long("help") | Short('h') => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Demo(options))
}

fn parse_service(mut args: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let (mut name, mut port) = (None, None);
    while let Some(arg) = args.next()? {
        match arg {
            Value(word) if name.is_none() => name = Some(word.string()?),
            Long("port") => port = Some(args.value()?.parse()?),
            other => return Err(other.unexpected()),
        }
    }
    let name = name.ok_or("service needs a name")?;
    Ok(Command::Service { name, port })
}

fn payment_fail(word: &str) -> Result<PaymentFail, String> {
    match word {
        "always" => Ok(PaymentFail::Always),
        "never" => Ok(PaymentFail::Never),
        "sometimes" => Ok(PaymentFail::Sometimes),
        _ => Err("it is always, never or sometimes".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn good_lines_are_understood() {
        let check = |line: &str, expected: Command| {
            assert_eq!(parse(words(line)).unwrap(), expected, "{line}");
        };
        let demo = |change: fn(&mut Options)| {
            let mut options = Options::default();
            change(&mut options);
            Command::Demo(options)
        };
        check("", Command::Help);
        check("demo --help", Command::Help);
        check("demo", demo(|_| {}));
        check(
            "demo --dist out --port 9 --shop-port 10 --memory 8 --load 3 --exit --json",
            demo(|options| {
                options.dist = Some("out".into());
                (options.port, options.shop_port) = (9, 10);
                (options.memory_mib, options.load) = (8, 3);
                (options.exit, options.json) = (true, true);
            }),
        );
        check(
            "demo --payment-fail never",
            demo(|options| options.payment_fail = PaymentFail::Never),
        );
        check(
            "demo --stop-with-stdin",
            demo(|options| options.stop_with_stdin = true),
        );
        let (name, port) = ("cart".to_owned(), Some(7));
        check("service cart --port 7", Command::Service { name, port });
    }

    #[test]
    fn bad_lines_are_explained() {
        let check = |line: &str, part: &str| {
            let error = parse(words(line)).unwrap_err().to_string();
            assert!(error.contains(part), "{line}: {error}");
        };
        check("serve", "serve");
        check("demo --prot 1", "--prot");
        check("demo --port 70000", "70000");
        check("demo --payment-fail often", "always, never or sometimes");
        check("service", "name");
        check("service a b", "b");
    }
}
