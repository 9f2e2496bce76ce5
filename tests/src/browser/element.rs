//! An element of the page under test.
//!
//! **Invariant:** a reference only; it goes stale when the page replaces the element, as in every driver.

use serde_json::{Value, json};

use super::{Session, wire::Refused};

/// The key by which WebDriver marks elements in JSON.
pub const KEY: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An element.
pub struct Element<'s> {
    session: &'s Session,
    id: String,
}

impl<'s> Element<'s> {
    pub(super) fn find(session: &'s Session, using: &str, value: &str) -> Result<Self, Refused> {
        let found = session.try_post("/element", &json!({"using": using, "value": value}))?;
        let id = found[KEY].as_str().unwrap_or_default().to_owned();
        Ok(Self { session, id })
    }

    /// As an argument of a script.
    pub fn as_arg(&self) -> Value {
        json!({KEY: self.id})
    }

    /// Clicks in its middle, as a person would: refused when something lies above it.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn try_click(&self) -> Result<(), Refused> {
        self.session
            .try_post(&format!("/element/{}/click", self.id), &json!({}))
            .map(drop)
    }

    /// Types, or gives the paths of files to a file picker.
    #[track_caller]
    pub fn type_text(&self, text: &str) {
        self.session.post(
            &format!("/element/{}/value", self.id),
            &json!({"text": text}),
        );
    }

    /// The text that a person sees.
    pub fn text(&self) -> String {
        self.get("text")
    }

    /// What assistive technology calls it.
    pub fn label(&self) -> String {
        self.get("computedlabel")
    }

    /// The role that assistive technology sees.
    pub fn role(&self) -> String {
        self.get("computedrole")
    }

    fn get(&self, what: &str) -> String {
        let value = self
            .session
            .try_get(&format!("/element/{}/{what}", self.id));
        value
            .unwrap_or_default()
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}
