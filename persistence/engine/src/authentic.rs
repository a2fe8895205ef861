//! Rows that decide who gets in carry a proof that this service wrote them: a MAC under a key that the database does not
//! hold. Whoever can write the database, but has no key store, can exchange a password's hash or a right, and is found
//! out when the row is read.
//!
//! A proof is `key id (8) ‖ HMAC-SHA-256 (32)` over the table's name and every field that counts, each preceded by its
//! length, the row's own id among them: a proof moved to another row proves nothing. A whole row that is put back as it
//! once was cannot be told from one that never changed.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::crypto::sealed::KeyId;
use crate::error::{Error, Result};

type HmacSha256 = Hmac<Sha256>;

const FORMAT: &[u8] = b"groeilijn/row/1";
const KEY_ID_LEN: usize = 8;

/// The proof of a row that is spent, ended or revoked: it is never taken for another, whatever its other fields say.
pub const SPENT: &[u8] = &[];

/// A row that carries a proof.
pub trait Authentic {
    /// The table's name.
    const TABLE: &'static str;

    /// Gives every field that counts, in an order that never changes.
    fn prove(&self, fields: &mut Fields);

    /// The proof that the row was read with.
    fn proof(&self) -> &[u8];
}

/// What a proof is made of.
pub struct Fields(HmacSha256);

impl Fields {
    /// Adds bytes.
    pub fn bytes(&mut self, field: &[u8]) -> &mut Self {
        self.0.update(&(field.len() as u64).to_be_bytes());
        self.0.update(field);
        self
    }

    /// Adds bytes that may not be there, which is another thing than being empty.
    pub fn optional(&mut self, field: Option<&[u8]>) -> &mut Self {
        match field {
            Some(field) => self.bytes(&[1]).bytes(field),
            None => self.bytes(&[0]),
        }
    }

    /// Adds a text.
    pub fn text(&mut self, field: &str) -> &mut Self {
        self.bytes(field.as_bytes())
    }

    /// Adds a moment that may not be there, to the microsecond.
    pub fn moment(&mut self, field: Option<Timestamp>) -> &mut Self {
        self.optional(
            field.map(|moment| moment.as_microsecond().to_be_bytes()).as_ref().map(|bytes| &bytes[..]),
        )
    }
}

/// Makes proofs and checks them.
pub struct Authenticator {
    /// The newest last: that one makes proofs.
    keys: Vec<(KeyId, HmacSha256)>,
}

impl Authenticator {
    /// With these keys, the newest last.
    pub(crate) fn new(keys: Vec<(KeyId, Zeroizing<[u8; 32]>)>) -> Result<Self> {
        let ready = |(id, key): (KeyId, Zeroizing<[u8; 32]>)| {
            Ok((id, HmacSha256::new_from_slice(key.as_slice()).map_err(Error::internal)?))
        };
        Ok(Self { keys: keys.into_iter().map(ready).collect::<Result<_>>()? })
    }

    /// Whether a proof, right or wrong, names one of these keys.
    pub fn names(&self, proof: &[u8]) -> bool {
        self.keys.iter().any(|(id, _)| proof.starts_with(id.as_bytes()))
    }

    /// The proof of a row as it is about to be written.
    ///
    /// # Errors
    /// [`Error::Internal`] without a key.
    pub fn prove<R: Authentic>(&self, row: &R) -> Result<Vec<u8>> {
        let (id, key) = self.keys.last().ok_or_else(|| Error::internal("no key to prove rows with"))?;
        let mut proof = id.as_bytes().to_vec();
        proof.extend_from_slice(&mac(key, row).finalize().into_bytes());
        Ok(proof)
    }

    /// A row that was read, when this service wrote it as it is.
    ///
    /// # Errors
    /// [`Error::Forged`].
    pub fn check<R: Authentic>(&self, row: R) -> Result<R> {
        let forged = || Error::Forged(R::TABLE);
        let (id, tag) = row.proof().split_at_checked(KEY_ID_LEN).ok_or_else(forged)?;
        let (_, key) = self.keys.iter().find(|(own, _)| own.as_bytes() == id).ok_or_else(forged)?;
        mac(key, &row).verify_slice(tag).map_err(|_| forged())?;
        Ok(row)
    }
}

fn mac<R: Authentic>(key: &HmacSha256, row: &R) -> HmacSha256 {
    let mut fields = Fields(key.clone());
    fields.bytes(FORMAT).text(R::TABLE);
    row.prove(&mut fields);
    fields.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Row {
        id: [u8; 16],
        hash: Option<String>,
        proof: Vec<u8>,
    }

    impl Authentic for Row {
        const TABLE: &'static str = "row";

        fn prove(&self, fields: &mut Fields) {
            fields.bytes(&self.id).optional(self.hash.as_deref().map(str::as_bytes));
        }

        fn proof(&self) -> &[u8] {
            &self.proof
        }
    }

    fn keys(ids: &[u8]) -> Authenticator {
        let key = |id: &u8| (KeyId::from_bytes([*id; 8]), Zeroizing::new([*id; 32]));
        Authenticator::new(ids.iter().map(key).collect()).unwrap()
    }

    #[test]
    fn a_row_is_what_was_proven_and_nothing_else() {
        let keys = keys(&[1]);
        let mut row = Row { id: [7; 16], hash: Some("hash".to_owned()), proof: Vec::new() };
        row.proof = keys.prove(&row).unwrap();
        assert!(keys.check(row.clone()).is_ok());
        let truncated = row.proof[..20].to_vec();
        for forged in [
            Row { id: [8; 16], ..row.clone() },
            Row { hash: Some("other".to_owned()), ..row.clone() },
            Row { hash: None, ..row.clone() },
            Row { proof: Vec::new(), ..row.clone() },
            Row { proof: truncated, ..row.clone() },
        ] {
            assert!(matches!(keys.check(forged), Err(Error::Forged("row"))));
        }
    }

    #[test]
    fn what_an_older_key_proved_still_counts_and_what_an_unknown_one_did_does_not() {
        let mut row = Row { id: [7; 16], hash: None, proof: Vec::new() };
        row.proof = keys(&[1]).prove(&row).unwrap();
        assert!(keys(&[1, 2]).check(row.clone()).is_ok());
        assert!(keys(&[2]).check(row).is_err());
    }
}
