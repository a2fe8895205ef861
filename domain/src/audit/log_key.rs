//! The keys that sign checkpoints one after the other: from when until when each did, and why it was followed by another
//! (C090).

use jiff::Timestamp;

use super::note::PublicKey;
use crate::values::text::code_list;

code_list! {
    /// Why a key was begun.
    pub enum LogKeyCause {
        /// It is the first.
        First = "first",
        /// Keys are made anew now and then.
        Rotation = "rotation",
        /// The key before it was lost: it signs nothing more, and what it signed holds.
        Loss = "loss",
        /// The key before it was stolen: what it signs from then on is not believed.
        Theft = "theft",
    }
}

/// That a key was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKeyBegun {
    /// The key.
    pub public_key: PublicKey,
    /// Why.
    pub because: LogKeyCause,
    /// From when on it signs, in UTC.
    pub since: Timestamp,
    /// Why, in the words of the operator.
    pub reason: Option<String>,
}

/// From when until when a key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKeySpan {
    /// The key.
    pub public_key: PublicKey,
    /// From when on, in UTC.
    pub from: Timestamp,
    /// Until when, in UTC; `None` for the one that signs now.
    pub until: Option<Timestamp>,
    /// Why it ended.
    pub ended_by: Option<LogKeyCause>,
    /// Why, in the words of the operator.
    pub ended_because: Option<String>,
}

/// The span of each key, the newest last. Of one that was entered as a rotation by one process, and in place of a lost or
/// stolen one by another, the latter counts.
pub fn spans(mut begun: Vec<LogKeyBegun>) -> Vec<LogKeySpan> {
    begun.sort_by_key(|key| (key.since, key.public_key, key.because));
    let mut keys: Vec<LogKeyBegun> = Vec::new();
    for key in begun {
        match keys.last_mut() {
            Some(last) if last.public_key == key.public_key => {
                *last = LogKeyBegun { since: last.since, ..key }
            }
            _ => keys.push(key),
        }
    }
    let next: Vec<Option<LogKeyBegun>> = keys.iter().skip(1).cloned().map(Some).chain([None]).collect();
    let span = |(key, next): (LogKeyBegun, Option<LogKeyBegun>)| LogKeySpan {
        public_key: key.public_key,
        from: key.since,
        until: next.as_ref().map(|next| next.since),
        ended_by: next.as_ref().map(|next| next.because),
        ended_because: next.and_then(|next| next.reason),
    };
    keys.into_iter().zip(next).map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(key: u8, because: LogKeyCause, second: i64) -> LogKeyBegun {
        let reason = (because == LogKeyCause::Theft).then(|| "A laptop is gone.".to_owned());
        LogKeyBegun { public_key: [key; 32], because, since: Timestamp::from_second(second).unwrap(), reason }
    }

    #[test]
    fn c090_each_key_ends_as_the_next_begins_and_for_its_reason() {
        assert_eq!(spans(Vec::new()), []);
        let found = spans(vec![
            begun(9, LogKeyCause::Theft, 30),
            begun(7, LogKeyCause::First, 10),
            begun(8, LogKeyCause::Rotation, 20),
            begun(9, LogKeyCause::Rotation, 30),
        ]);
        let told: Vec<_> = found
            .iter()
            .map(|span| {
                let until = span.until.map(Timestamp::as_second);
                (
                    span.public_key[0],
                    span.from.as_second(),
                    until,
                    span.ended_by,
                    span.ended_because.as_deref(),
                )
            })
            .collect();
        let theft = (8, 20, Some(30), Some(LogKeyCause::Theft), Some("A laptop is gone."));
        assert_eq!(
            told,
            [(7, 10, Some(20), Some(LogKeyCause::Rotation), None), theft, (9, 30, None, None, None)]
        );
    }
}
