//! Who listens to the tail of this process, and to what.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::mpsc;

use super::tail::{Filter, Position, Tailed};
use crate::{
    App,
    ids::{ClientId, FlowId},
};

/// Events buffered for a subscriber before it counts as too slow.
const BUFFER: usize = 1_024;

/// The subscribers of this process and how far they have been served.
#[derive(Debug, Default)]
pub struct Tail(Mutex<Hub>);

/// Who listens to what.
#[derive(Debug, Default)]
pub(super) struct Hub {
    /// The place of the newest event that was served.
    pub(super) served: Position,
    subscribers: HashMap<u64, Subscriber>,
    /// Where an event's subscribers are found, so that one event among thousands of subscribers costs those it is for.
    listening: HashMap<Topic, BTreeSet<u64>>,
    newest: u64,
}

#[derive(Debug)]
struct Subscriber {
    filter: Filter,
    events: mpsc::Sender<Arc<Tailed>>,
}

/// What a subscriber waits at: the narrowest that its filter allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Topic {
    Flow(FlowId),
    Client(ClientId),
    Everything,
}

impl Topic {
    /// Where a filter's events are found.
    fn of(filter: &Filter) -> Vec<Self> {
        match (&filter.flow_ids, filter.tenant) {
            (Some(flows), _) => flows.iter().copied().map(Self::Flow).collect(),
            (None, Some(client)) => vec![Self::Client(client)],
            (None, None) => vec![Self::Everything],
        }
    }
}

impl Hub {
    fn add(&mut self, subscriber: Subscriber) -> u64 {
        self.newest += 1;
        for topic in Topic::of(&subscriber.filter) {
            self.listening.entry(topic).or_default().insert(self.newest);
        }
        self.subscribers.insert(self.newest, subscriber);
        self.newest
    }

    fn remove(&mut self, number: u64) {
        let Some(subscriber) = self.subscribers.remove(&number) else { return };
        for topic in Topic::of(&subscriber.filter) {
            if let Entry::Occupied(mut listening) = self.listening.entry(topic) {
                listening.get_mut().remove(&number);
                if listening.get().is_empty() {
                    listening.remove();
                }
            }
        }
    }

    /// Serves one event. Whoever has no room left, or is gone, is dropped.
    pub(super) fn serve(&mut self, event: &Arc<Tailed>) {
        let topics = [Topic::Flow(event.event.flow_id), Topic::Client(event.event.client_id), Topic::Everything];
        let listening = topics.iter().filter_map(|topic| self.listening.get(topic)).flatten();
        let lost = |number: &&u64| {
            let subscriber = &self.subscribers[number];
            subscriber.filter.matches(&event.event) && subscriber.events.try_send(Arc::clone(event)).is_err()
        };
        for number in listening.filter(lost).copied().collect::<Vec<_>>() {
            self.remove(number);
        }
        self.served = event.at;
    }
}

impl Tail {
    pub(super) fn hub(&self) -> MutexGuard<'_, Hub> {
        self.0.lock().expect("no holder of the tail panics")
    }

    /// How many subscribe right now.
    pub fn subscribers(&self) -> usize {
        self.hub().subscribers.len()
    }
}

/// A subscriber's place, given back when it is dropped.
pub(super) struct Place {
    app: Arc<App>,
    number: u64,
    events: mpsc::Receiver<Arc<Tailed>>,
}

impl Place {
    /// Takes a place; what is committed after the position given with it is heard there.
    pub(super) fn take(app: Arc<App>, filter: Filter) -> (Position, Self) {
        let (sender, events) = mpsc::channel(BUFFER);
        let mut hub = app.tail.hub();
        let (number, served) = (hub.add(Subscriber { filter, events: sender }), hub.served);
        drop(hub);
        (served, Self { app, number, events })
    }

    /// The next event; none: the subscriber was too slow and lost its place.
    pub(super) async fn next(&mut self) -> Option<Arc<Tailed>> {
        self.events.recv().await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.app.tail.hub().remove(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscriber(flow_ids: Option<Vec<FlowId>>, tenant: Option<ClientId>) -> Subscriber {
        let filter = Filter { flow_ids, tenant, ..Filter::default() };
        Subscriber { filter, events: mpsc::channel(1).0 }
    }

    #[test]
    fn whoever_leaves_is_looked_for_nowhere_any_more() {
        let (mut hub, flow) = (Hub::default(), FlowId::new(uuid::Uuid::nil()));
        let client = ClientId::new(uuid::Uuid::nil());
        let numbers = [
            hub.add(subscriber(Some(vec![flow, flow]), Some(client))),
            hub.add(subscriber(Some(Vec::new()), None)),
            hub.add(subscriber(None, Some(client))),
            hub.add(subscriber(None, None)),
        ];
        assert_eq!(hub.listening.len(), 3, "each waits at the narrowest place, and one nowhere");
        assert_eq!(hub.subscribers.len(), 4);
        for number in numbers.into_iter().chain([numbers[0]]) {
            hub.remove(number);
        }
        assert!(hub.listening.is_empty() && hub.subscribers.is_empty());
    }
}
