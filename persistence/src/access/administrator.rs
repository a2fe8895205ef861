//! The administrators of an institution: one of them has to be able to let others in.

use groeilijn_domain::access::letter::LetterContent;
use groeilijn_domain::access::principal::Actor;
use groeilijn_domain::access::session::AccountState;
use groeilijn_domain::access::{Function, Role};
use groeilijn_domain::values::ids::UserId;
use groeilijn_engine::database::dialect;
use groeilijn_engine::database::query::prelude::*;
use groeilijn_engine::error::Result;

use crate::access::letter;
use crate::access::schema::account;
use crate::handles::tenant::TenantWriter;

const ADMINISTRATOR: Role = Role::Institution(Function::Administrator);

impl TenantWriter<'_> {
    /// Leaves a letter to every administrator who can log in.
    pub(crate) fn write_to_administrators(&mut self, content: &LetterContent) -> Result<()> {
        let institution = self.institution();
        let administrators: Vec<UserId> = account::table
            .filter(account::institution_id.is(Some(institution)))
            .filter(account::role.is(ADMINISTRATOR))
            .filter(account::state.is(AccountState::Active))
            .select(account::id)
            .load(self.connection)?;
        let store = self.store();
        for account in administrators {
            let to = Actor { account, role: ADMINISTRATOR, institution: Some(institution) };
            letter::queue(self.connection, store, to, content)?;
        }
        Ok(())
    }

    /// How many administrators can log in and go on doing so, without this one. Until the end of the transaction
    /// nobody else can take one away.
    pub fn other_administrators(&mut self, id: UserId) -> Result<i64> {
        let institution = self.institution();
        dialect::lock_institution(self.connection, institution)?;
        Ok(account::table
            .filter(account::institution_id.is(Some(institution)))
            .filter(account::role.is(ADMINISTRATOR))
            .filter(account::state.is(AccountState::Active))
            .filter(account::last_day.is_null())
            .filter(account::id.other_than(id))
            .count()
            .get_result(self.connection)?)
    }
}
