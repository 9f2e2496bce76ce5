//! Sorting of row numbers, by whatever order.
//!
//! The standard library makes its sort anew for every type and every order, some eight kilobytes of WebAssembly each
//! time. Here there is one, for row numbers, which calls back for the order. Hot sorts do without it.
//!
//! **Invariant:** stable and total: equal rows stay as they were.

use core::cmp::Ordering;

use alloc::vec::Vec;

/// Sorts rows.
pub fn sort_rows(rows: &mut [u32], order: &dyn Fn(u32, u32) -> Ordering) {
    rows.sort_by(|&a, &b| order(a, b));
}

/// Sorts rows by a key, computed at every comparison.
pub fn sort_rows_by_key<K: Ord>(rows: &mut [u32], key: impl Fn(u32) -> K) {
    sort_rows(rows, &|a, b| key(a).cmp(&key(b)));
}

/// The numbers of a list's items in the order of their keys.
pub fn rows_by_key<K: Ord>(count: usize, key: impl Fn(u32) -> K) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..count as u32).collect();
    sort_rows_by_key(&mut rows, key);
    rows
}

#[cfg(test)]
mod tests {
    use core::cmp::Reverse;

    use super::*;

    #[test]
    fn equal_rows_stay_as_they_were() {
        let keys = [2, 1, 2, 0, 1];
        assert_eq!(rows_by_key(5, |row| keys[row as usize]), [3, 1, 4, 0, 2]);
        assert_eq!(
            rows_by_key(5, |row| Reverse(keys[row as usize])),
            [0, 2, 1, 4, 3]
        );
        let mut some = [4, 2, 0];
        sort_rows_by_key(&mut some, |row| keys[row as usize]);
        assert_eq!(some, [4, 2, 0]);
    }
}
