//! Texts that are good for a while, most of them once: authorisation codes, one-time passwords, requests that wait
//! for a person.
//!
//! May know time. May not know what a ticket is for.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::clock::{Clock, Moment};

/// How long a spent ticket is still told from one that never was, in milliseconds.
const REMEMBERED: i64 = 24 * 3600 * 1000;

/// Tickets of one kind. No `Debug`: the texts open doors.
pub(super) struct Tickets<T> {
    clock: Clock,
    /// In milliseconds.
    lifetime: i64,
    held: Mutex<HashMap<String, Ticket<T>>>,
}

struct Ticket<T> {
    expires: Moment,
    used: bool,
    what: T,
}

/// What a text turned out to be.
#[derive(Debug, PartialEq)]
pub(super) enum Found<T> {
    Good(T),
    /// Used before, or too old; what it was for.
    Spent(T),
    Unknown,
}

impl<T: Clone> Tickets<T> {
    /// Tickets that are good for so many seconds.
    pub(super) fn new(clock: &Clock, seconds: i64) -> Self {
        Self { clock: clock.clone(), lifetime: seconds * 1000, held: Mutex::default() }
    }

    /// Makes a text a ticket; `false`, and nothing done, if it is one already.
    pub(super) fn put(&self, text: String, what: T) -> bool {
        self.put_for(text, what, self.lifetime / 1000)
    }

    /// The same, with a lifetime of its own, in seconds.
    pub(super) fn put_for(&self, text: String, what: T, seconds: i64) -> bool {
        let now = self.clock.now();
        let mut held = self.lock();
        held.retain(|_, ticket| ticket.expires.0 + REMEMBERED > now.0);
        if held.get(&text).is_some_and(|ticket| ticket.expires > now) {
            return false;
        }
        held.insert(text, Ticket { expires: Moment(now.0 + seconds * 1000), used: false, what });
        true
    }

    /// Looks at a ticket, which stays good.
    pub(super) fn look(&self, text: &str) -> Found<T> {
        self.found(self.lock().get(text))
    }

    /// Uses a ticket up.
    pub(super) fn take(&self, text: &str) -> Found<T> {
        let mut held = self.lock();
        let found = self.found(held.get(text));
        if let Some(ticket) = held.get_mut(text) {
            ticket.used = true;
        }
        found
    }

    /// Changes what a good ticket stands for; `None` if there is none.
    pub(super) fn change<R>(&self, text: &str, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let now = self.clock.now();
        let mut held = self.lock();
        let ticket = held.get_mut(text).filter(|ticket| !ticket.used && ticket.expires > now)?;
        Some(change(&mut ticket.what))
    }

    /// Drops the tickets that stand for something of this kind.
    pub(super) fn drop_if(&self, is_meant: impl Fn(&T) -> bool) {
        self.lock().retain(|_, ticket| !is_meant(&ticket.what));
    }

    fn found(&self, ticket: Option<&Ticket<T>>) -> Found<T> {
        match ticket {
            None => Found::Unknown,
            Some(ticket) if ticket.used || ticket.expires <= self.clock.now() => {
                Found::Spent(ticket.what.clone())
            }
            Some(ticket) => Found::Good(ticket.what.clone()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Ticket<T>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_for_its_time() {
        let clock = Clock::default();
        let tickets = Tickets::new(&clock, 60);
        assert!(tickets.put("a".to_owned(), 1) && !tickets.put("a".to_owned(), 9));
        tickets.put("b".to_owned(), 2);
        assert_eq!(tickets.look("a"), Found::Good(1));
        assert_eq!(tickets.change("a", |number| *number += 10), Some(()));
        assert_eq!((tickets.take("a"), tickets.take("a")), (Found::Good(11), Found::Spent(11)));
        assert_eq!(tickets.change("a", |_| ()), None);
        clock.advance(60_000);
        assert_eq!((tickets.take("b"), tickets.look("c")), (Found::Spent(2), Found::Unknown));
        clock.advance(REMEMBERED);
        tickets.put("d".to_owned(), 3);
        assert_eq!(tickets.look("b"), Found::Unknown);
    }
}
