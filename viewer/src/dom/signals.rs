//! Signals, memos and stored values whose code is made once instead of once for every type.
//!
//! Leptos does the work: who reads what, what runs again, what ends when. Only the values stand in boxes, so that for
//! each type there is no more than a cast. A tenth of the whole app, measured in docs/decisions.
//!
//! **Invariant:** a box holds the type of its handle: the handle's type parameter is set where the box is made.

use std::{any::Any, marker::PhantomData, sync::Arc};

use leptos::prelude::{
    Notify, Owner, StoredValue as Stored, Track, Trigger, UpdateValue, With, WithUntracked,
    WithValue,
};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::Element;

type Slot = SendWrapper<Box<dyn Any>>;

/// Said by a panic: it is our own mistake, never the data's.
const GONE: &str = "a value was read after its part of the page was gone";

/// A value that lives as long as the part of the page that made it; nobody is told of its changes.
pub struct StoredValue<T> {
    slot: Stored<Slot>,
    holds: PhantomData<fn() -> T>,
}

/// A value whose readers run again when it is set.
pub struct RwSignal<T> {
    value: StoredValue<T>,
    changed: Trigger,
}

/// A value that follows from others; its readers run again only when it differs.
pub struct Memo<T> {
    inner: leptos::prelude::Memo<Kept>,
    holds: PhantomData<fn() -> T>,
}

/// An element of the page, once it is there.
pub struct NodeRef<E> {
    element: RwSignal<Option<Element>>,
    is: PhantomData<fn() -> E>,
}

macro_rules! copied_freely {
    ($($name:ident)*) => { $(
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<T> Copy for $name<T> {}
    )* };
}

copied_freely!(StoredValue RwSignal Memo NodeRef);

fn look(slot: Stored<Slot>, read: &mut dyn FnMut(&dyn Any)) {
    // Gone: `read` is not called, which its caller sees.
    slot.try_with_value(|slot| read(&***slot));
}

fn change(slot: Stored<Slot>, write: &mut dyn FnMut(&mut dyn Any)) {
    slot.try_update_value(|slot| write(&mut ***slot));
}

impl<T: 'static> StoredValue<T> {
    /// A value of the part of the page that is being made.
    pub fn new(value: T) -> Self {
        Self {
            slot: Stored::new(SendWrapper::new(Box::new(value))),
            holds: PhantomData,
        }
    }

    /// Reads it, unless its part of the page is gone.
    pub fn try_with_value<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        let (mut read, mut result) = (Some(read), None);
        look(self.slot, &mut |value| {
            result = read
                .take()
                .zip(value.downcast_ref())
                .map(|(read, value)| read(value));
        });
        result
    }

    /// Reads it.
    pub fn with_value<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.try_with_value(read).expect(GONE)
    }

    /// Changes it, unless its part of the page is gone.
    pub fn try_update_value<R>(self, write: impl FnOnce(&mut T) -> R) -> Option<R> {
        let (mut write, mut result) = (Some(write), None);
        change(self.slot, &mut |value| {
            result = write
                .take()
                .zip(value.downcast_mut())
                .map(|(write, value)| write(value));
        });
        result
    }

    /// Changes it.
    pub fn update_value<R>(self, write: impl FnOnce(&mut T) -> R) -> R {
        self.try_update_value(write).expect(GONE)
    }

    /// Replaces it.
    pub fn set_value(self, value: T) {
        self.try_update_value(|old| *old = value);
    }
}

impl<T: Clone + 'static> StoredValue<T> {
    /// A copy.
    pub fn get_value(self) -> T {
        self.with_value(T::clone)
    }

    /// A copy, unless its part of the page is gone.
    pub fn try_get_value(self) -> Option<T> {
        self.try_with_value(T::clone)
    }
}

impl<T: 'static> RwSignal<T> {
    /// A signal of the part of the page that is being made.
    pub fn new(value: T) -> Self {
        Self {
            value: StoredValue::new(value),
            changed: Trigger::new(),
        }
    }

    /// A signal that outlives every part of the page.
    pub fn for_ever(value: T) -> Self {
        let root = Owner::default();
        let signal = root.with(|| Self::new(value));
        std::mem::forget(root);
        signal
    }

    /// Reads it, and again when it changes.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.changed.track();
        self.value.with_value(read)
    }

    /// Runs the reader again when it is set.
    pub fn track(self) {
        self.changed.track();
    }

    /// Reads it now only.
    pub fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.value.with_value(read)
    }

    /// Changes it and tells its readers, unless its part of the page is gone.
    pub fn try_update<R>(self, write: impl FnOnce(&mut T) -> R) -> Option<R> {
        let result = self.value.try_update_value(write);
        if result.is_some() {
            self.changed.notify();
        }
        result
    }

    /// Changes it and tells its readers.
    pub fn update(self, write: impl FnOnce(&mut T)) {
        self.try_update(write);
    }

    /// Replaces it and tells its readers.
    pub fn set(self, value: T) {
        self.try_update(|old| *old = value);
    }
}

impl<T: Clone + 'static> RwSignal<T> {
    /// A copy, and again when it changes.
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    /// A copy as it is now.
    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }

    /// A copy as it is now, unless its part of the page is gone.
    pub fn try_get_untracked(self) -> Option<T> {
        self.value.try_get_value()
    }
}

/// What a memo holds: a value that can be compared with the one before.
#[derive(Clone)]
struct Kept(Arc<SendWrapper<Box<dyn Same>>>);

trait Same: Any {
    fn is_same(&self, other: &dyn Any) -> bool;
    fn as_any(&self) -> &dyn Any;
}

impl<T: PartialEq + 'static> Same for T {
    fn is_same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>().is_some_and(|other| self == other)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        let (this, other): (&dyn Same, &dyn Same) = (&***self.0, &***other.0);
        this.is_same(other.as_any())
    }
}

fn memo(compute: Box<dyn Fn() -> Kept>) -> leptos::prelude::Memo<Kept> {
    let compute = SendWrapper::new(compute);
    leptos::prelude::Memo::new(move |_| compute())
}

fn look_at(memo: leptos::prelude::Memo<Kept>, tracked: bool, read: &mut dyn FnMut(&dyn Any)) {
    let mut read = |kept: &Kept| {
        let value: &dyn Same = &***kept.0;
        read(value.as_any());
    };
    match tracked {
        true => memo.try_with(&mut read),
        false => memo.try_with_untracked(&mut read),
    };
}

impl<T: PartialEq + 'static> Memo<T> {
    /// A value that follows from the signals that `compute` reads.
    pub fn new(compute: impl Fn() -> T + 'static) -> Self {
        let compute = move || Kept(Arc::new(SendWrapper::new(Box::new(compute()))));
        Self {
            inner: memo(Box::new(compute)),
            holds: PhantomData,
        }
    }

    fn read<R>(self, tracked: bool, read: impl FnOnce(&T) -> R) -> Option<R> {
        let (mut read, mut result) = (Some(read), None);
        look_at(self.inner, tracked, &mut |value| {
            result = read
                .take()
                .zip(value.downcast_ref())
                .map(|(read, value)| read(value));
        });
        result
    }

    /// Reads it, and again when it differs.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.read(true, read).expect(GONE)
    }

    /// Reads it now only.
    pub fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.read(false, read).expect(GONE)
    }

    /// Runs the reader again when it differs.
    pub fn track(self) {
        self.with(|_| ());
    }
}

impl<T: PartialEq + Clone + 'static> Memo<T> {
    /// A copy, and again when it differs.
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    /// A copy as it is now.
    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }

    /// A copy as it is now, unless its part of the page is gone.
    pub fn try_get_untracked(self) -> Option<T> {
        self.read(false, T::clone)
    }
}

impl<E: JsCast + 'static> NodeRef<E> {
    /// A reference to fill with `node_ref`.
    pub fn new() -> Self {
        Self {
            element: RwSignal::new(None),
            is: PhantomData,
        }
    }

    /// Fills it.
    pub fn load(self, element: &Element) {
        self.element.set(Some(element.clone()));
    }

    /// The element, and again when it is there.
    pub fn get(self) -> Option<E> {
        self.element.get().map(JsCast::unchecked_into)
    }

    /// The element, if it is there now.
    pub fn get_untracked(self) -> Option<E> {
        self.element
            .try_get_untracked()?
            .map(JsCast::unchecked_into)
    }
}

impl<E: JsCast + 'static> Default for NodeRef<E> {
    fn default() -> Self {
        Self::new()
    }
}

/// Something that is done whenever what it reads changes.
pub struct Effect;

impl Effect {
    /// Runs soon, with what it gave the last time, and whenever a signal that it reads changes.
    pub fn new<T: 'static>(mut run: impl FnMut(Option<T>) -> T + 'static) -> Self {
        let mut last = None;
        effect(Box::new(move || last = Some(run(last.take()))));
        Self
    }
}

fn effect(mut run: Box<dyn FnMut()>) {
    leptos::prelude::Effect::new(move |_: Option<()>| run());
}
