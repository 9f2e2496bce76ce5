//! WebDriver's wire: JSON over HTTP to a driver on this machine.
//!
//! **Invariant:** no meaning, only requests and answers.

use std::{fmt, time::Duration};

use serde_json::{Value, json};

/// What a driver refuses: the error's code, such as `no such element`, and words.
#[derive(Debug)]
pub struct Refused {
    /// The code of WebDriver.
    pub error: String,
    /// What the driver says about it.
    pub message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.message.lines().next().unwrap_or_default();
        write!(f, "{}: {first}", self.error)
    }
}

/// A driver.
#[derive(Debug)]
pub struct Wire {
    agent: ureq::Agent,
    base: String,
}

impl Wire {
    /// The driver behind a port of this machine.
    pub fn new(port: u16) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            // Longer than the longest script may take.
            .timeout_global(Some(Duration::from_secs(300)))
            .build();
        Self {
            agent: config.into(),
            base: format!("http://127.0.0.1:{port}"),
        }
    }

    pub fn get(&self, path: &str) -> Result<Value, Refused> {
        let request = self.agent.get(format!("{}{path}", self.base));
        answer(request.call())
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Refused> {
        let request = self.agent.post(format!("{}{path}", self.base));
        answer(request.send_json(body))
    }

    pub fn delete(&self, path: &str) -> Result<Value, Refused> {
        let request = self.agent.delete(format!("{}{path}", self.base));
        answer(request.call())
    }
}

fn answer(
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Value, Refused> {
    let gone = |error: ureq::Error| Refused {
        error: "driver".to_owned(),
        message: error.to_string(),
    };
    let mut response = response.map_err(gone)?;
    let ok = response.status().is_success();
    let body = response.body_mut().with_config().limit(256 << 20);
    let mut body: Value = body.read_json().map_err(gone)?;
    let value = body.get_mut("value").map_or(json!(null), Value::take);
    if ok {
        return Ok(value);
    }
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    Err(Refused {
        error: text("error"),
        message: text("message"),
    })
}
