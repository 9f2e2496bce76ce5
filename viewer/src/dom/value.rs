//! Values of attributes, classes, styles and properties, fixed or followed.
//!
//! **Invariant:** a value is a text or absent; the page is written to only when it differs from what was written last.

use std::{borrow::Cow, cell::RefCell};

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use super::view::follow;

/// Where a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// An attribute; absent removes it.
    Attribute(&'static str),
    /// A class, on unless absent.
    Class(&'static str),
    /// A property of the style.
    Style(&'static str),
    /// A property of the element, as a text.
    Property(&'static str),
}

/// A text, or nothing.
pub type Words = Option<Cow<'static, str>>;

/// What a slot can be given.
pub trait Value: Sized {
    /// As words, read now.
    fn words(&self) -> Words;

    /// Puts it there, for good or as long as it changes.
    fn put(self, element: &Element, slot: Slot) {
        write(element, slot, self.words().as_deref());
    }
}

impl Value for &'static str {
    fn words(&self) -> Words {
        Some(Cow::Borrowed(self))
    }
}

impl Value for String {
    fn words(&self) -> Words {
        Some(Cow::Owned(self.clone()))
    }

    fn put(self, element: &Element, slot: Slot) {
        write(element, slot, Some(&self));
    }
}

impl Value for bool {
    fn words(&self) -> Words {
        self.then_some(Cow::Borrowed(""))
    }
}

impl Value for u64 {
    fn words(&self) -> Words {
        Some(Cow::Owned(self.to_string()))
    }
}

impl<T: Value> Value for Option<T> {
    fn words(&self) -> Words {
        self.as_ref().and_then(T::words)
    }
}

impl<F, T> Value for F
where
    F: Fn() -> T + 'static,
    T: Value,
{
    fn words(&self) -> Words {
        self().words()
    }

    fn put(self, element: &Element, slot: Slot) {
        followed(element.clone(), slot, Box::new(move || self().words()));
    }
}

fn followed(element: Element, slot: Slot, read: Box<dyn Fn() -> Words>) {
    let last = RefCell::new(None::<Words>);
    follow(Box::new(move || {
        let words = read();
        let mut last = last.borrow_mut();
        if last.as_ref() != Some(&words) {
            write(&element, slot, words.as_deref());
            *last = Some(words);
        }
    }));
}

fn write(element: &Element, slot: Slot, words: Option<&str>) {
    // Each of these is refused only for a name that cannot be one; names are in our own source.
    match (slot, words) {
        (Slot::Attribute(name), Some(words)) => element.set_attribute(name, words).ok(),
        (Slot::Attribute(name), None) => element.remove_attribute(name).ok(),
        (Slot::Class(name), words) => element
            .class_list()
            .toggle_with_force(name, words.is_some())
            .map(drop)
            .ok(),
        (Slot::Style(name), words) => element
            .unchecked_ref::<HtmlElement>()
            .style()
            .set_property(name, words.unwrap_or_default())
            .ok(),
        (Slot::Property(name), words) => {
            let value = JsValue::from_str(words.unwrap_or_default());
            js_sys::Reflect::set(element, &JsValue::from_str(name), &value)
                .map(drop)
                .ok()
        }
    };
}
