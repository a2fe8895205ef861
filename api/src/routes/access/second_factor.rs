//! The second factor of a login: an authenticator app, and recovery codes for when it is lost.

use actix_web::HttpRequest;
use groeilijn_domain::access::second_factor::{
    AppCode, LoginCode, RECOVERY_CODES, RecoveryCode, SecondFactorState, TotpSecret, check_confirmation,
    check_removal,
};
use groeilijn_domain::values::ids::{InstitutionId, UserId};
use groeilijn_persistence::Error;
use groeilijn_persistence::access::key_owner;
use groeilijn_persistence::access::second_factor::SecondFactorCheck;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::http::access::{Access, action, part};
use crate::http::body::JsonBody;
use crate::http::described::at_most;
use crate::http::guard::Guard;
use crate::http::guard::activity::AdministerAccess;
use crate::http::own_password::check_own_password;
use crate::http::password_field::TriedPassword;
use crate::http::path::PathId;
use crate::http::problem::Problem;
use crate::http::problem_kind::ProblemKind;
use crate::http::reply::{self, Created, NoContent, Shown};
use crate::login::check_app_code;
use crate::{operations, reply_body, request_body};

/// Who shares the secret with the app, as the app shows it.
const ISSUER: &str = "Groeilijn";

operations! {
    /// The operations on second factors.
    pub fn endpoints;

    /// Read one's own second factor
    ///
    /// Whether there is one, how many recovery codes are left, and whether the account needs one.
    GET "/account/second-factor" => read_second_factor: "How it stands.";

    /// Set up a second factor
    ///
    /// Gives a secret for an authenticator app, and recovery codes. Logins ask for a code once the first one was confirmed.
    /// One that is in use stays so until then, and a code of it is needed to set up another.
    POST "/account/second-factor" => set_up_second_factor: "The second factor, shown this once."
        .refusing(&[ProblemKind::Unauthenticated, ProblemKind::TooManyRequests]);

    /// Confirm one's own second factor
    ///
    /// Shows that the app has the secret. From then on every login asks for a code, and all other sessions of the account
    /// end. This code cannot be used to log in any more.
    POST "/account/second-factor/_confirm" => confirm_second_factor: "The second factor is in use."
        .refusing(&[ProblemKind::Unauthenticated, ProblemKind::TooManyRequests]);

    /// Remove one's own second factor
    ///
    /// Logins no longer ask for a code; all other sessions of the account end. One that the account needs stays:
    /// `second-factor-required`.
    POST "/account/second-factor/_remove" => remove_second_factor: "The second factor was removed."
        .refusing(&[ProblemKind::Unauthenticated, ProblemKind::NotFound, ProblemKind::TooManyRequests]);

    /// Reset the second factor of a user
    ///
    /// For a user of the institution who lost her app and her recovery codes: it is taken away and her sessions end, at
    /// every institution of hers, which have it in their logs. Not one's own, which is removed with one's password and a code.
    DELETE "/users/{userId}/second-factor" => reset_second_factor_of_user: "The user has no second factor any more.";

    /// Reset the second factor of a member of the processor's staff
    ///
    /// For who lost the app and the recovery codes: it is taken away and the sessions end. At the next login they can do
    /// nothing but set up another one. Not one's own.
    DELETE "/processor-staff/{userId}/second-factor" => reset_second_factor_of_processor_staff: "The member of staff has no second factor any more.";
}

type MaySetUp = Access<part::Credentials, action::Create, AdministerAccess>;
// Deleting what one logs in with is logging out, which support sessions can do as well.
type MayChange = Access<part::Credentials, action::Change, AdministerAccess>;

reply_body! {
    /// How the second factor of the account stands.
    pub struct SecondFactor {
        /// Whether there is one: none, pending as long as no code of it was shown, or active. It stays active while another
        /// one awaits its first code.
        state: SecondFactorState,
        /// How many recovery codes were not used yet.
        recovery_codes_left: u32,
        /// Whether the account needs one: then nothing can be done but setting it up.
        required: bool,
    }
}

request_body! {
    /// What has to be shown before a second factor is set up.
    pub struct SecondFactorSetUp {
        /// The present password. A wrong one counts as a wrong login does (C060).
        current_password: TriedPassword,
        /// A code of the second factor that is in use, if there is one.
        code: Option<LoginCode>,
    }

    example { "currentPassword": "Een-goed-wachtwoord-1" }
}

reply_body! {
    /// A second factor, shown this once. It is in use once a code of it was confirmed.
    pub struct SecondFactorSecret {
        /// The secret as it is typed into an authenticator app: base32, for codes of 6 digits by SHA-1 every 30 seconds
        /// (RFC 6238).
        secret: String,
        /// The secret as an app scans it: an otpauth URI, to be shown as a QR code.
        uri: String,
        /// That URI as a QR code: an SVG image of the black and white squares. For showing it without sending the secret
        /// to anybody who draws QR codes.
        qr_code: String = at_most(100_000),
        /// Codes for when the app is lost, each for one login, to be kept in a safe place.
        recovery_codes: Vec<String>,
    }
}

request_body! {
    /// The first code of a second factor.
    pub struct SecondFactorConfirmation {
        /// The code that the app shows. A wrong one counts as a wrong login does (C060).
        code: AppCode,
    }
}

request_body! {
    /// What has to be shown before a second factor is taken away.
    pub struct SecondFactorRemoval {
        /// The present password. A wrong one counts as a wrong login does (C060).
        current_password: TriedPassword,
        /// A code of the app or a recovery code; not needed as long as the second factor is pending.
        code: Option<LoginCode>,
    }
}

async fn read_second_factor(
    access: Access<part::Credentials, action::Read, AdministerAccess>,
) -> Result<Shown<SecondFactor>, Problem> {
    let stored = access.state().store.second_factor(access.actor()?.account).await?;
    reply::view(&SecondFactor {
        state: stored.state,
        recovery_codes_left: stored.recovery_codes_left,
        required: access.session()?.login.needs_second_factor,
    })
}

async fn set_up_second_factor(
    access: MaySetUp,
    request: HttpRequest,
    JsonBody(body, _): JsonBody<SecondFactorSetUp>,
) -> Result<Created<SecondFactorSecret>, Problem> {
    let shown = SecondFactorCheck::IfInUse(body.code);
    let actor = check_own_password(&access, &request, body.current_password, shown).await?;
    let state = access.state();
    let address = state.store.own_details(actor).await?.email;
    let secret = TotpSecret::from_bytes(state.environment().bytes());
    let codes = [(); RECOVERY_CODES].map(|()| RecoveryCode::from_bytes(&state.environment().bytes()));
    let uri = secret.provisioning_uri(ISSUER, address.as_str());
    let given = SecondFactorSecret {
        secret: secret.base32().to_string(),
        qr_code: qr_code(&uri)?,
        uri: uri.to_string(),
        recovery_codes: codes.iter().map(|code| code.written().to_string()).collect(),
    };
    let hashes = codes.map(|code| code.hash());
    let platform = access.platform().entering(InstitutionId::PLATFORM, vec![key_owner::login(actor)]);
    platform.write(move |writer| writer.set_up_second_factor(actor, &secret, &hashes)).await?;
    reply::created("/v1/account/second-factor", &given, 1)
}

/// A text as a QR code, which takes as many squares as the text asks for.
fn qr_code(text: &str) -> Result<String, Problem> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Problem::internal)?;
    Ok(code.render::<svg::Color<'_>>().build())
}

async fn confirm_second_factor(
    access: MayChange,
    request: HttpRequest,
    JsonBody(body, _): JsonBody<SecondFactorConfirmation>,
) -> Result<NoContent, Problem> {
    let (actor, kept, platform) = (access.actor()?, access.session()?.id, access.platform());
    let stored = access.state().store.second_factor(actor.account).await?;
    check_confirmation(stored.awaits_code).map_err(Error::Conflict)?;
    let confirm = async move {
        platform.write(move |writer| writer.confirm_second_factor(actor, Some(kept), &body.code)).await
    };
    check_app_code(&request, access.state(), MayChange::needs(), actor, confirm).await?;
    Ok(NoContent)
}

async fn remove_second_factor(
    access: MayChange,
    request: HttpRequest,
    JsonBody(body, _): JsonBody<SecondFactorRemoval>,
) -> Result<NoContent, Problem> {
    let (actor, kept) = (access.actor()?, access.session()?.id);
    check_removal(access.session()?.login.needs_second_factor).map_err(Error::Conflict)?;
    if access.state().store.second_factor(actor.account).await?.state == SecondFactorState::None {
        return Err(Problem::not_found());
    }
    let shown = SecondFactorCheck::IfInUse(body.code);
    check_own_password(&access, &request, body.current_password, shown).await?;
    access.platform().write(move |writer| writer.remove_second_factor(actor, kept)).await?;
    Ok(NoContent)
}

async fn reset_second_factor_of_user(
    access: Access<part::Users, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<NoContent, Problem> {
    let institution = access.tenant()?.institution();
    access.platform().write(move |writer| writer.reset_second_factor(institution, id)).await?;
    Ok(NoContent)
}

async fn reset_second_factor_of_processor_staff(
    access: Access<part::ProcessorStaff, action::Change, AdministerAccess>,
    PathId(id): PathId<UserId>,
) -> Result<NoContent, Problem> {
    access.platform().write(move |writer| writer.reset_processor_second_factor(id)).await?;
    Ok(NoContent)
}
