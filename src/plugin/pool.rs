//! Threads for plugins: as many as the machine has processors, with stacks that hold a plugin's and the host's.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::limits;

/// The stack of a thread, in bytes. What a plugin does not take is the host's.
const STACK: usize = limits::STACK + (7 << 20);

/// Does some work on each item, at once as far as there are processors. The results are in the order of the items.
///
/// # Errors
/// No thread can be had.
pub(super) fn run<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> std::io::Result<Vec<R>> {
    let count = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let slots = items.into_iter().map(|item| Mutex::new((Some(item), None))).collect::<Vec<_>>();
    let next = AtomicUsize::new(0);
    let worker = || {
        while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(item) = slot.0.take() {
                slot.1 = Some(work(item));
            }
        }
    };
    thread::scope(|scope| {
        let started = (0..count).map(|number| {
            let name = format!("plugin {number}");
            thread::Builder::new().name(name).stack_size(STACK).spawn_scoped(scope, worker)
        });
        let started = started.collect::<Vec<_>>();
        // One thread is enough to do all the work.
        if started.iter().any(Result::is_ok) {
            Ok(())
        } else {
            started.into_iter().find_map(Result::err).map_or(Ok(()), Err)
        }
    })?;
    Ok(slots.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner).1).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_keep_the_order() {
        let squares = super::run((0..100_u64).collect(), |number| number * number).unwrap();
        assert_eq!(squares, (0..100).map(|number| number * number).collect::<Vec<_>>());
        assert!(super::run(Vec::<u8>::new(), |number| number).unwrap().is_empty());
    }
}
