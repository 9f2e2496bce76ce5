//! Datasets that the browser keeps between visits, so that a reload shows a dropped file again, and a list of the last
//! ones for the start page. They stay in the browser's cache storage; nothing is sent anywhere.
//!
//! **Invariant:** may be refused or emptied by the browser at any time: then there is nothing to restore, no error.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response};

use super::{fields::Fields, storage, window};

/// One dataset of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Recent {
    /// The key to open it by.
    pub key: String,
    /// Its name.
    pub name: String,
    /// How many spans.
    pub spans: u64,
    /// How many traces.
    pub traces: u64,
    /// Milliseconds since the epoch.
    pub opened: f64,
}

const CACHE: &str = "throughline-datasets";
/// How many are kept: the oldest goes.
const KEPT: usize = 5;
/// Larger images are not kept, bytes.
pub const LARGEST: u64 = 256 << 20;

/// The last datasets, the latest first.
pub fn recent() -> Vec<Recent> {
    let list = storage::read("recent").and_then(|text| js_sys::JSON::parse(&text).ok());
    let list = list.and_then(|list| list.dyn_into::<Array>().ok());
    list.map(|list| list.iter().filter_map(Recent::read).collect())
        .unwrap_or_default()
}

impl Recent {
    fn read(value: JsValue) -> Option<Self> {
        let fields = Fields::of(value);
        Some(Self {
            key: fields.text("key")?,
            name: fields.text("name")?,
            spans: fields.count("spans"),
            traces: fields.count("traces"),
            opened: fields.number("opened")?,
        })
    }

    fn to_value(&self) -> JsValue {
        Fields::default()
            .with("key", &*self.key)
            .with("name", &*self.name)
            .with("spans", self.spans as f64)
            .with("traces", self.traces as f64)
            .with("opened", self.opened)
            .into()
    }
}

/// A key for a new dataset, or `None` where nothing can be kept.
pub fn new_key() -> Option<String> {
    available().then(|| {
        format!(
            "{:x}{:x}",
            js_sys::Date::now() as u64,
            (js_sys::Math::random() * 1e9) as u64
        )
    })
}

fn available() -> bool {
    js_sys::Reflect::get(&window(), &"caches".into()).is_ok_and(|caches| caches.is_object())
}

async fn cache() -> Result<Cache, JsValue> {
    let cache = JsFuture::from(window().caches()?.open(CACHE)).await?;
    cache.dyn_into()
}

/// Keeps an image.
pub async fn keep(entry: Recent, image: &ArrayBuffer) -> Result<(), JsValue> {
    let response = Response::new_with_opt_buffer_source(Some(image))?;
    let cache = cache().await?;
    JsFuture::from(cache.put_with_str(&address(&entry.key), &response)).await?;
    let mut list = recent();
    list.retain(|known| known.key != entry.key && known.name != entry.name);
    list.insert(0, entry);
    for old in list.split_off(list.len().min(KEPT)) {
        JsFuture::from(cache.delete_with_str(&address(&old.key)))
            .await
            .ok();
    }
    let list: Array = list.iter().map(Recent::to_value).collect();
    let text = js_sys::JSON::stringify(&list).map(String::from);
    storage::write("recent", &text.unwrap_or_default());
    Ok(())
}

/// The image that was kept under a key.
pub async fn read(key: &str) -> Option<Uint8Array> {
    if !available() {
        return None;
    }
    let found = JsFuture::from(cache().await.ok()?.match_with_str(&address(key)))
        .await
        .ok()?;
    let buffer = JsFuture::from(found.dyn_into::<Response>().ok()?.array_buffer().ok()?)
        .await
        .ok()?;
    Some(Uint8Array::new(&buffer))
}

/// Only a name inside the cache: nothing is ever fetched from it.
fn address(key: &str) -> String {
    let name = String::from(js_sys::encode_uri_component(key));
    format!("kept-dataset/{name}")
}
