//! The administrators of an institution: one of them has to be able to let others in.

use groeilijn_domain::access::Function;
use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::principal::Person;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::values::ids::UserId;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::{Error, Result};

use crate::access::membership::MembershipRow;
use crate::access::schema::membership;
use crate::access::{account, forged, letter};
use crate::handles::tenant::TenantWriter;

impl TenantWriter<'_> {
    /// Leaves a letter to every administrator who can log in.
    pub(crate) fn write_to_administrators(&mut self, content: &LetterContent) -> Result<()> {
        let (store, institution) = (self.store(), Some(self.institution()));
        for row in self.administrators()? {
            letter::queue(self.connection, store, Person { user: row.user_id, institution }, content)?;
        }
        Ok(())
    }

    /// How many administrators can log in and go on doing so, without this one. Until the end of the transaction
    /// nobody else can take one away.
    pub fn other_administrators(&mut self, id: UserId) -> Result<i64> {
        let institution = self.institution();
        dialect::lock_institution(self.connection, institution)?;
        let all = self.administrators()?;
        let others = all.iter().filter(|row| row.user_id != id && row.last_day.is_none()).count();
        Ok(i64::try_from(others).unwrap_or(i64::MAX))
    }

    /// Those whose rows prove it: what a row says of itself is looked at after that, so that nobody silences them by
    /// changing one.
    fn administrators(&mut self) -> Result<Vec<MembershipRow>> {
        let (institution, store) = (self.institution(), self.store());
        let rows: Vec<MembershipRow> = membership::table
            .filter(membership::institution_id.is(institution))
            .order(membership::user_id)
            .select(columns::<MembershipRow>())
            .load(self.connection)?;
        let mut administrators = Vec::new();
        for row in rows {
            let row = match store.authenticator().check(row) {
                Err(Error::Forged(table)) => {
                    forged::tell(self.connection, store, table)?;
                    continue;
                }
                row => row?,
            };
            let may = row.function == Function::Administrator && row.state == AccountState::Active;
            if may && account::load(self.connection, store, row.account_id)?.state == AccountState::Active {
                administrators.push(row);
            }
        }
        Ok(administrators)
    }
}
