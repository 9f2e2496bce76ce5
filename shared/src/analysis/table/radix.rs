//! Sorting of rows by whole numbers: eleven bits at a time, and those that are the same everywhere not at all.
//!
//! **Invariant:** stable, linear.

const BITS: u32 = 11;
const MASK: u64 = (1 << BITS) - 1;

/// The rows in the order of their keys; equal ones stay as they were, in both directions.
pub(super) fn sorted(mut keys: Vec<(u64, u32)>, descending: bool) -> impl Iterator<Item = u32> {
    if descending {
        for (key, _) in &mut keys {
            *key = !*key;
        }
    }
    let differ = match keys.first() {
        Some((first, _)) => keys.iter().fold(0, |bits, (key, _)| bits | (key ^ first)),
        None => 0,
    };
    let mut other = vec![(0, 0); if differ == 0 { 0 } else { keys.len() }];
    for shift in (0..u64::BITS).step_by(BITS as usize) {
        let digit = |key: u64| (key >> shift & MASK) as usize;
        if digit(differ) == 0 {
            continue;
        }
        let mut next = vec![0usize; 1 << BITS];
        for (key, _) in &keys {
            next[digit(*key)] += 1;
        }
        let mut sum = 0;
        for place in &mut next {
            sum += core::mem::replace(place, sum);
        }
        for one in &keys {
            let place = &mut next[digit(one.0)];
            other[*place] = *one;
            *place += 1;
        }
        core::mem::swap(&mut keys, &mut other);
    }
    keys.into_iter().map(|(_, row)| row)
}
