//! The sockets that each caller has open: how many, with how many operations, and whether their tokens are still good.
//!
//! A token may be taken back before its time. So while a caller has sockets, one look every moment asks about the newest
//! of its tokens; when that one no longer stands for what it stood for, each socket looks at its own.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::watch;

use super::door::Holder;

/// A token and whom it stood for.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The `Authorization` value.
    pub authorization: Arc<str>,
    /// Who it is.
    pub holder: Holder,
}

/// The sockets that each caller has open.
#[derive(Clone, Debug)]
pub struct Sockets {
    limit: usize,
    open: Arc<Mutex<HashMap<String, Crowd>>>,
}

/// The sockets of one caller.
#[derive(Debug)]
struct Crowd {
    count: usize,
    newest: Pass,
    doubt: watch::Sender<()>,
    operations: Arc<AtomicUsize>,
}

impl Sockets {
    /// At most `limit` a caller, and as many operations on them.
    pub fn at_most(limit: usize) -> Self {
        Self { limit, open: Arc::default() }
    }

    /// Takes a seat, which is given back when it is dropped; none when all are taken. What a pass has in common with the
    /// one before, they share from here on: thousands of sockets come with the same token.
    pub fn enter(&self, pass: &mut Pass) -> Option<Seat> {
        let caller = pass.holder.caller.label();
        let mut open = self.open();
        let crowd = open.entry(caller.clone()).or_insert_with(|| Crowd {
            count: 0,
            newest: pass.clone(),
            doubt: watch::Sender::default(),
            operations: Arc::default(),
        });
        if crowd.count >= self.limit {
            return None;
        }
        crowd.count += 1;
        let newest = &crowd.newest;
        if newest.authorization == pass.authorization {
            pass.authorization = newest.authorization.clone();
        }
        if newest.holder.caller == pass.holder.caller {
            pass.holder.caller = newest.holder.caller.clone();
        }
        crowd.newest = pass.clone();
        Some(Seat {
            caller,
            is_first: crowd.count == 1,
            doubt: crowd.doubt.subscribe(),
            operations: crowd.operations.clone(),
            sockets: self.clone(),
        })
    }

    /// The newest token of the caller to whose sockets this doubt belongs; none when they are all gone.
    pub fn newest(&self, caller: &str, doubt: &watch::Receiver<()>) -> Option<Pass> {
        let open = self.open();
        // The sockets that are open now may be others, with a doubt of their own.
        doubt.has_changed().ok().and_then(|_| Some(open.get(caller)?.newest.clone()))
    }

    /// Has every socket of a caller look at its own token. The newest is known to stand for this caller by now, or for
    /// nobody.
    pub fn doubt(&self, caller: &str, now: Option<Holder>) {
        if let Some(crowd) = self.open().get_mut(caller) {
            if let Some(holder) = now {
                crowd.newest.holder = holder;
            }
            crowd.doubt.send_replace(());
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Crowd>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One open socket of a caller.
#[derive(Debug)]
pub struct Seat {
    /// Whose it is.
    pub caller: String,
    /// Whether no other was open.
    pub is_first: bool,
    /// Changes when the caller's tokens are in doubt.
    pub doubt: watch::Receiver<()>,
    operations: Arc<AtomicUsize>,
    sockets: Sockets,
}

impl Seat {
    /// Counts one operation more, until what is given is dropped; none when the caller has too many.
    pub fn operate(&self) -> Option<Operation> {
        let more = |running| (running < self.sockets.limit).then_some(running + 1);
        let counted = self.operations.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        counted.is_ok().then(|| Operation(self.operations.clone()))
    }
}

/// An operation that runs.
#[derive(Debug)]
pub struct Operation(Arc<AtomicUsize>);

impl Drop for Operation {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.sockets.open();
        match open.get_mut(&self.caller) {
            Some(crowd) if crowd.count > 1 => crowd.count -= 1,
            _ => drop(open.remove(&self.caller)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use esign_domain::{
        caller::{Caller, Scopes},
        ids::ClientId,
    };

    use super::*;

    fn pass(code: &str) -> Pass {
        let id = ClientId::new(uuid::Uuid::nil());
        let caller = Arc::new(Caller::Client { id, code: code.into(), scopes: Scopes::new(), from: None });
        Pass { authorization: "Bearer x".into(), holder: Holder { caller, expires_in: Duration::ZERO } }
    }

    #[test]
    fn a_seat_comes_back_when_it_is_left() {
        let sockets = Sockets::at_most(1);
        let seat = sockets.enter(&mut pass("a"));
        assert!(seat.is_some());
        assert!(sockets.enter(&mut pass("a")).is_none());
        assert!(sockets.enter(&mut pass("b")).is_some());
        drop(seat);
        assert!(sockets.enter(&mut pass("a")).is_some());
    }

    #[test]
    fn a_caller_has_only_so_many_operations_on_all_its_sockets() {
        let sockets = Sockets::at_most(2);
        let (one, two) = (sockets.enter(&mut pass("a")).unwrap(), sockets.enter(&mut pass("a")).unwrap());
        let running = (one.operate(), two.operate());
        assert!(running.0.is_some() && running.1.is_some());
        assert!(one.operate().is_none() && two.operate().is_none());
        drop(running.0);
        assert!(two.operate().is_some());
    }

    #[test]
    fn sockets_with_the_same_token_share_it() {
        let sockets = Sockets::at_most(2);
        let (mut one, mut two) = (pass("a"), pass("a"));
        let _seats = (sockets.enter(&mut one), sockets.enter(&mut two));
        assert!(Arc::ptr_eq(&one.authorization, &two.authorization));
        assert!(Arc::ptr_eq(&one.holder.caller, &two.holder.caller));
    }

    #[test]
    fn doubt_reaches_the_sockets_of_one_caller() {
        let sockets = Sockets::at_most(2);
        let (a, b) = (sockets.enter(&mut pass("a")).unwrap(), sockets.enter(&mut pass("b")).unwrap());
        sockets.doubt(&a.caller, None);
        assert!(a.doubt.has_changed().unwrap() && !b.doubt.has_changed().unwrap());
        let (caller, doubt) = (a.caller.clone(), a.doubt.clone());
        assert!(sockets.newest(&caller, &doubt).is_some());
        drop(a);
        let _later = sockets.enter(&mut pass("a")).unwrap();
        assert!(sockets.newest(&caller, &doubt).is_none(), "those that are open now are others");
    }
}
