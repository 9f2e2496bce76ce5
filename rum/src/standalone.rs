//! What takes the standard library's place in the browser: an allocator of a few
//! hundred bytes, and panics that end in a trap without words. Together they make the
//! module a third smaller.
//!
//! **Invariant**: nothing else depends on this module.

use core::panic::PanicInfo;

use lol_alloc::{FreeListAllocator, LockedAllocator};

#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> =
    LockedAllocator::new(FreeListAllocator::new());

#[panic_handler]
fn trap(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
