//! Bytes that wait to be loaded: picked, dropped, pasted, or handed over by a host page. The state knows them by a
//! number (a ticket).
//!
//! **Invariant:** reads nothing itself; a file's bytes are first touched by the worker.

use std::{cell::RefCell, collections::BTreeMap};

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, DataTransfer, File, FileList, HtmlInputElement};

/// Something to load, with a name for people.
#[derive(Clone)]
pub struct Waiting {
    /// File name, or what else to call it.
    pub name: String,
    /// Its bytes, unread.
    pub blob: Blob,
}

thread_local! {
    static WAITING: RefCell<BTreeMap<u32, Vec<Waiting>>> = const { RefCell::new(BTreeMap::new()) };
    static NEXT: RefCell<u32> = const { RefCell::new(1) };
}

/// Keeps blobs until they are loaded.
pub fn keep(blobs: Vec<Waiting>) -> u32 {
    let ticket = NEXT.with_borrow_mut(|next| {
        *next += 1;
        *next
    });
    WAITING.with_borrow_mut(|waiting| waiting.insert(ticket, blobs));
    ticket
}

/// Takes what was kept.
pub fn take(ticket: u32) -> Vec<Waiting> {
    WAITING
        .with_borrow_mut(|waiting| waiting.remove(&ticket))
        .unwrap_or_default()
}

/// Text or bytes as something to load.
pub fn from_value(name: &str, value: &JsValue) -> Option<Waiting> {
    if let Some(blob) = value.dyn_ref::<Blob>() {
        return Some(Waiting {
            name: name.to_owned(),
            blob: blob.clone(),
        });
    }
    let is_bytes =
        value.is_instance_of::<js_sys::ArrayBuffer>() || js_sys::ArrayBuffer::is_view(value);
    if !is_bytes && !value.is_string() {
        return None;
    }
    let blob = Blob::new_with_buffer_source_sequence(&Array::of1(value)).ok();
    let blob = if is_bytes {
        blob
    } else {
        Blob::new_with_str_sequence(&Array::of1(value)).ok()
    };
    Some(Waiting {
        name: name.to_owned(),
        blob: blob?,
    })
}

/// The files of a picker or a drop.
pub fn from_list(list: &FileList) -> Vec<Waiting> {
    let files = (0..list.length()).filter_map(|at| list.get(at));
    files
        .map(|file| Waiting {
            name: file.name(),
            blob: file.into(),
        })
        .collect()
}

/// What was dropped: files, and the names of folders among them, which cannot be read as files.
pub fn from_drop(transfer: &DataTransfer) -> (Vec<Waiting>, Vec<String>) {
    let items = transfer.items();
    let mut folders = Vec::new();
    let mut files = Vec::new();
    for at in 0..items.length() {
        let Some(item) = items.get(at) else { continue };
        let entry = item.webkit_get_as_entry().ok().flatten();
        if let Some(entry) = entry.filter(|entry| entry.is_directory()) {
            folders.push(entry.name());
        } else if let Ok(Some(file)) = item.get_as_file() {
            files.push(Waiting {
                name: file.name(),
                blob: file.into(),
            });
        }
    }
    if files.is_empty() && folders.is_empty() {
        files = transfer
            .files()
            .map(|list| from_list(&list))
            .unwrap_or_default();
    }
    (files, folders)
}

/// Opens the system's file picker; `done` gets what was chosen.
pub fn pick(done: impl Fn(Vec<Waiting>) + 'static) {
    let Ok(element) = super::document().create_element("input") else {
        return;
    };
    let Ok(input) = element.dyn_into::<HtmlInputElement>() else {
        return;
    };
    input.set_type("file");
    input.set_multiple(true);
    let source = input.clone();
    super::listen::on(&input, "change", move |_: web_sys::Event| {
        if let Some(list) = source.files() {
            done(from_list(&list));
        }
    });
    input.click();
}

/// The size of a blob, bytes.
pub fn size(blob: &Blob) -> u64 {
    blob.size() as u64
}

/// Whether a value is a file with a name of its own.
pub fn file_name(value: &JsValue) -> Option<String> {
    value.dyn_ref::<File>().map(File::name)
}
