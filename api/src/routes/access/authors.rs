//! Who wrote or did something, in replies.

use groeilijn_domain::access::author as rules;
use groeilijn_domain::values::ids::UserId;

use crate::reply_body;

reply_body! {
    /// The user who wrote or did something, as her colleagues know her.
    pub struct Author {
        /// The user's id.
        id: UserId,
        /// Her name in full, also after she left; null once it is removed, and to whoever is no colleague of hers (C050). It
        /// may change without another `ETag` of what it stands in. For asking what was meant; never for judging a colleague.
        name: Option<String>,
    }
}

impl From<rules::Author> for Author {
    fn from(author: rules::Author) -> Self {
        Self { id: author.id, name: author.name.map(|name| name.display()) }
    }
}
