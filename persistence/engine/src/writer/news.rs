//! Tells whoever waits for it that something was done at an institution, once that is committed.
//!
//! What another process commits is not told here: who waits has to look by herself now and then.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use groeilijn_domain::values::ids::InstitutionId;
use tokio::sync::watch;

/// Who waits for news, by institution.
#[derive(Clone, Default)]
pub struct News(Arc<Mutex<HashMap<InstitutionId, watch::Sender<()>>>>);

/// The news of one institution from a moment on.
pub struct Following(watch::Receiver<()>);

impl News {
    /// The news of an institution from this moment on: whoever reads afterwards misses nothing.
    pub fn follow(&self, institution: InstitutionId) -> Following {
        let mut followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Following(followed.entry(institution).or_insert_with(|| watch::Sender::new(())).subscribe())
    }

    /// Tells that something was done at these institutions; forgets those of which nobody waits for news.
    pub(super) fn tell(&self, institutions: &BTreeSet<InstitutionId>) {
        let mut followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for institution in institutions {
            if followed.get(institution).is_some_and(|sender| sender.send(()).is_err()) {
                followed.remove(institution);
            }
        }
    }
}

impl Following {
    /// Waits until something was done since the last time; for ever when nothing is.
    pub async fn news(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    fn institution(number: u128) -> InstitutionId {
        InstitutionId::from_uuid(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn only_who_follows_an_institution_is_told_and_only_of_what_comes() {
        let news = News::default();
        news.tell(&BTreeSet::from([institution(1)]));
        let (mut one, mut other) = (news.follow(institution(1)), news.follow(institution(2)));
        assert!(one.news().now_or_never().is_none());
        news.tell(&BTreeSet::from([institution(1)]));
        assert!(one.news().now_or_never().is_some());
        assert!(one.news().now_or_never().is_none());
        assert!(other.news().now_or_never().is_none());
    }

    #[tokio::test]
    async fn what_nobody_follows_is_forgotten() {
        let news = News::default();
        drop(news.follow(institution(1)));
        news.tell(&BTreeSet::from([institution(1)]));
        assert!(news.0.lock().unwrap().is_empty());
        let mut anew = news.follow(institution(1));
        news.tell(&BTreeSet::from([institution(1)]));
        assert!(anew.news().now_or_never().is_some());
    }
}
