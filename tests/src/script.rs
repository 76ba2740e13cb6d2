//! What a fake is to do at its next calls.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

/// Mishaps to come, in order; when they are spent, all goes well again.
#[derive(Debug)]
pub struct Script<M>(Mutex<(VecDeque<Option<M>>, Option<M>)>);

impl<M> Default for Script<M> {
    fn default() -> Self {
        Self(Mutex::new((VecDeque::new(), None)))
    }
}

impl<M: Clone> Script<M> {
    /// The next calls, in order; `None` lets one through.
    pub fn next(&self, turns: impl IntoIterator<Item = Option<M>>) {
        self.held().0.extend(turns);
    }

    /// The next `times` calls go wrong in the same way.
    pub fn fail(&self, times: usize, mishap: M) {
        self.next(std::iter::repeat_n(Some(mishap), times));
    }

    /// Every call goes wrong from now on, until `None`.
    pub fn always(&self, mishap: Option<M>) {
        self.held().1 = mishap;
    }

    /// All goes well again from now on.
    pub fn clear(&self) {
        *self.held() = (VecDeque::new(), None);
    }

    /// What happens to this call.
    pub fn take(&self) -> Option<M> {
        let mut held = self.held();
        match held.0.pop_front() {
            Some(turn) => turn,
            None => held.1.clone(),
        }
    }

    fn held(&self) -> MutexGuard<'_, (VecDeque<Option<M>>, Option<M>)> {
        self.0.lock().expect("no holder of a script panics")
    }
}
