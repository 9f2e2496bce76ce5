//! The later part of the program: what a first visit rarely needs is a file of its own, loaded when it is first called.
//!
//! The build divides the module (`viewer/parts`, by the list in `viewer/later.txt`). A call into a part that is not there
//! loads it on the spot, which holds up the page; whoever knows in time that it will be needed calls [`load`] before.
//!
//! **Invariant:** knows how, not what for. A build that is not divided has everything, and nothing happens here.

use std::cell::RefCell;

use js_sys::{Object, Promise, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::{Response, XmlHttpRequest};

use crate::dom::prelude::RwSignal;

/// Whether all of the program is there.
pub fn is_here() -> bool {
    let there = field(&wasm_bindgen::exports(), "later").and_then(|global| field(&global, "value"));
    there.is_none_or(|value| value.as_f64() != Some(0.0))
}

fn field(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into())
        .ok()
        .filter(|value| !value.is_undefined())
}

thread_local! {
    /// The request under way. Who waits for it goes on in the order of asking, all in one turn of the browser.
    static LOADING: RefCell<Option<Promise>> = const { RefCell::new(None) };
    static ARRIVED: RwSignal<bool> = RwSignal::for_ever(is_here());
}

/// The same, for what is to be shown once it is there.
pub fn arrived() -> RwSignal<bool> {
    ARRIVED.with(|arrived| *arrived)
}

/// Loads what is missing.
///
/// # Errors
/// Why it could not be had.
pub async fn load() -> Result<(), String> {
    if is_here() {
        return Ok(());
    }
    let begin = || future_to_promise(async { fetch().await.map(|()| JsValue::UNDEFINED) });
    let loading = LOADING.with_borrow_mut(|loading| loading.get_or_insert_with(begin).clone());
    let loaded = JsFuture::from(loading).await;
    if loaded.is_err() {
        // The next one tries again.
        LOADING.take();
    }
    loaded.map(drop).map_err(|error| super::message_of(&error))
}

/// Whether it is on its way.
pub fn is_loading() -> bool {
    !is_here() && LOADING.with_borrow(Option::is_some)
}

/// Loads what is missing while other things go on.
pub fn load_soon() {
    spawn_local(async {
        // Whoever needs it and does not find it will ask again, and hear why.
        load().await.ok();
    });
}

/// Goes on when it is there; never if it cannot be had, which whoever cannot do without it will hear.
pub fn then(go_on: impl FnOnce() + 'static) {
    spawn_local(async {
        if load().await.is_ok() {
            go_on();
        }
    });
}

async fn fetch() -> Result<(), JsValue> {
    let answer = JsFuture::from(super::window().fetch_with_str(&address())).await?;
    let answer: Response = answer.unchecked_into();
    if !answer.ok() {
        return Err(format!("{} says {}", address(), answer.status()).into());
    }
    let bytes = JsFuture::from(answer.array_buffer()?).await?;
    let module = JsFuture::from(WebAssembly::compile(&bytes)).await?;
    // A call may have loaded it meanwhile. It is started once: it fills tables that are in use by then.
    if is_here() {
        return Ok(());
    }
    instantiate(module.unchecked_ref())
}

/// Called by the first part when it needs what is not there.
///
/// # Panics
/// When it cannot be had: there is nothing to go on with.
#[wasm_bindgen]
pub fn load_later() {
    if let Err(error) = fetch_now() {
        panic!(
            "a part of this program could not be loaded: {}",
            super::message_of(&error)
        );
    }
}

fn fetch_now() -> Result<(), JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open_with_async("GET", &address(), false)?;
    // On a page, a request that is waited for gives text only: here a character a byte.
    request.override_mime_type("text/plain; charset=x-user-defined")?;
    request.send()?;
    let text = request.response_text()?.unwrap_or_default();
    let bytes: Vec<u8> = text.chars().map(|char| char as u8).collect();
    instantiate(&WebAssembly::Module::new(&Uint8Array::from(
        bytes.as_slice(),
    ))?)
}

fn instantiate(module: &WebAssembly::Module) -> Result<(), JsValue> {
    let imports = Object::new();
    Reflect::set(&imports, &"".into(), &wasm_bindgen::exports())?;
    WebAssembly::Instance::new(module, &imports)?;
    if !super::is_worker() {
        // Not at once: whoever called it may be drawing.
        spawn_local(async { arrived().set(true) });
    }
    Ok(())
}

fn address() -> String {
    super::script().replace(".js", "_later.wasm")
}
