//! The ids by which something that was created is read again. They are kept as text, and no other type can be.

use std::fmt::Display;

use groeilijn_persistence::{Error, Result};

use super::text_value::PathParameter;

/// One id, or several that name something together.
pub trait CreatedIds: Sized + Send + 'static {
    /// As they are kept.
    fn kept(&self) -> String;

    /// As they were kept.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for any other text.
    fn read(kept: &str) -> Result<Self>;
}

impl<I: PathParameter + Display + Send> CreatedIds for I {
    fn kept(&self) -> String {
        self.to_string()
    }

    fn read(kept: &str) -> Result<Self> {
        Self::parse_text(kept).map_err(|_| Error::Unreadable("idempotency"))
    }
}

macro_rules! several {
    ($(($($id:ident)+))+) => {$(
        impl<$($id: CreatedIds),+> CreatedIds for ($($id,)+) {
            #[allow(non_snake_case, reason = "the ids are called after their types")]
            fn kept(&self) -> String {
                let ($($id,)+) = self;
                [$($id.kept()),+].join("/")
            }

            fn read(kept: &str) -> Result<Self> {
                let mut parts = kept.split('/');
                let ids = ($($id::read(parts.next().unwrap_or_default())?,)+);
                if parts.next().is_some() { Err(Error::Unreadable("idempotency")) } else { Ok(ids) }
            }
        }
    )+};
}

several! { (A B) (A B C) }

/// As many as were made, one at least.
impl<I: CreatedIds> CreatedIds for Vec<I> {
    fn kept(&self) -> String {
        self.iter().map(I::kept).collect::<Vec<_>>().join("/")
    }

    fn read(kept: &str) -> Result<Self> {
        kept.split('/').map(I::read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groeilijn_domain::values::ids::{InvitationId, UserId};
    use uuid::Uuid;

    #[test]
    fn ids_come_back_as_they_were_kept() {
        let user = UserId::from_uuid(Uuid::from_u128(7));
        let both = (user, InvitationId::from_uuid(Uuid::from_u128(8)));
        assert_eq!(UserId::read(&user.kept()).unwrap(), user);
        assert_eq!(<(UserId, InvitationId)>::read(&both.kept()).unwrap(), both);
        assert!(UserId::read(&both.kept()).is_err());
        for wrong in ["", "/", &user.kept(), &format!("{}/{user}", both.kept())] {
            assert!(<(UserId, InvitationId)>::read(wrong).is_err(), "{wrong}");
        }
        for number in 1..=3 {
            let ids = vec![user; number];
            assert_eq!(Vec::<UserId>::read(&ids.kept()).unwrap(), ids);
        }
        assert!(Vec::<UserId>::read("").is_err());
    }
}
