//! JavaScript objects as records: for messages, for what is remembered, for what the page says of itself.
//!
//! serde would do the same for ten times the bytes; see docs/decisions on the viewer's size.
//!
//! **Invariant:** reading never fails: a field that is absent or of another type is `None`.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// An object with named fields.
#[derive(Clone)]
pub struct Fields(JsValue);

impl Default for Fields {
    fn default() -> Self {
        Self(Object::new().into())
    }
}

impl Fields {
    /// A value from elsewhere; whatever it is, it can be asked.
    pub fn of(value: JsValue) -> Self {
        Self(value)
    }

    /// What the text says as JSON.
    pub fn parse(text: &str) -> Option<Self> {
        js_sys::JSON::parse(text).ok().map(Self)
    }

    /// With one more field.
    pub fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        self.put(name, &value.into());
        self
    }

    fn put(&self, name: &str, value: &JsValue) {
        // Refused only by frozen objects, which these are not.
        Reflect::set(&self.0, &JsValue::from_str(name), value).ok();
    }

    /// A field as it is; `undefined` when it is absent.
    pub fn value(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.value(name).as_string()
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.value(name).as_f64()
    }

    /// A count: 0 when it is absent.
    pub fn count(&self, name: &str) -> u64 {
        self.number(name).unwrap_or_default() as u64
    }

    /// True or false.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.value(name).as_bool()
    }

    /// A list of values; empty when it is none.
    pub fn list(&self, name: &str) -> Vec<JsValue> {
        let list = self.value(name).dyn_into::<js_sys::Array>();
        list.map(|list| list.to_vec()).unwrap_or_default()
    }

    /// The texts of a list; others are passed over.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let list = self.list(name).into_iter();
        list.filter_map(|value| value.as_string()).collect()
    }

    /// A list of texts, as a value.
    pub fn of_texts(texts: &[String]) -> JsValue {
        let list: js_sys::Array = texts.iter().map(|text| JsValue::from_str(text)).collect();
        list.into()
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        let text = js_sys::JSON::stringify(&self.0).ok();
        text.map(String::from).unwrap_or_default()
    }
}

impl From<Fields> for JsValue {
    fn from(fields: Fields) -> Self {
        fields.0
    }
}
