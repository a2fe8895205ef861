//! Choosing a password: the rules that depend on who chooses it (C059).

use groeilijn_domain::access::Scope;
use groeilijn_domain::access::password::{Password, PersonalWords};
use groeilijn_domain::values::refusal::FieldRefusals;
use groeilijn_persistence::{Actor, AuditContext, Cost};

use crate::http::problem::Problem;
use crate::state::AppState;

/// The hash of a password that `actor` chooses, if it keeps the rules that depend on who chooses it: it does not hold
/// their own name or address, is not a common one, and is none of their last five (C059).
///
/// # Errors
/// 400 that names every broken rule of `field`; 503 when too many want to log in at this moment.
pub async fn check_choice(
    state: &AppState,
    actor: Actor,
    context: AuditContext,
    password: Password,
    field: &'static str,
) -> Result<String, Problem> {
    let address = context.address.clone();
    let words = personal_words(state, actor, context).await?;
    password.check_choice(&words).map_err(|refusals| {
        refusals.into_iter().map(|refusal| (field.to_owned(), refusal)).collect::<FieldRefusals>()
    })?;
    let used = state.store.last_passwords(actor.account).await?;
    let turn = state.passwords.turn(&address).await?;
    Ok(turn.hash_unless_used(password, used, field).await?)
}

/// The words about the actor that their password may not hold.
async fn personal_words(
    state: &AppState,
    actor: Actor,
    context: AuditContext,
) -> Result<PersonalWords, Problem> {
    if actor.institution.is_none() {
        let platform = state.store.platform(context);
        let staff =
            platform.read(Cost::Rows, move |reader| reader.processor_staff_member(actor.user)).await?;
        return Ok(PersonalWords::new(&staff.fields.name, &staff.fields.email));
    }
    let tenant = state.store.tenant(context, Scope::Institution)?;
    let user = tenant.read(Cost::Rows, move |reader| reader.user(actor.user)).await?;
    Ok(PersonalWords::new(&user.fields.name, &user.fields.email))
}
