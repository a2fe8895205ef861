//! Who can log in to a demo, and with what.

use groeilijn_domain::access::ProcessorFunction;
use groeilijn_domain::access::password::Password;
use groeilijn_domain::access::second_factor::TotpSecret;
use groeilijn_domain::values::email::EmailAddress;
use groeilijn_persistence::{Error, Result};

/// The password of every demo account. It is no secret: the accounts exist only where `demo` made them.
pub(super) const PASSWORD: &str = "Regenboog-2026";

/// What the authenticator app of every demo account of the processor's staff has. It is no secret either.
const SECOND_FACTOR: &[u8; 20] = b"groeilijn demo staff";

/// The address of the platform administrator of the demo.
pub(super) const PLATFORM_ADMINISTRATOR: &str = "platform@groeilijn.example";

/// Parses an address of the demo.
pub(super) fn address(text: &str) -> Result<EmailAddress> {
    EmailAddress::parse(text).map_err(Error::internal)
}

/// Who of the processor's staff can log in, as what.
pub(super) fn processor_logins() -> Result<Vec<(ProcessorFunction, EmailAddress)>> {
    let address = |function| match function {
        ProcessorFunction::PlatformAdministrator => address(PLATFORM_ADMINISTRATOR),
        function => address(&format!("{}@groeilijn.example", function.code())),
    };
    ProcessorFunction::ALL.into_iter().map(|function| Ok((function, address(function)?))).collect()
}

/// The password of every demo account.
pub(super) fn password() -> Result<Password> {
    Password::new(PASSWORD.to_owned()).map_err(|_| Error::internal("the demo's password breaks the rules"))
}

/// The second factor of every demo account of the processor's staff.
pub(super) fn second_factor() -> TotpSecret {
    TotpSecret::from_bytes(*SECOND_FACTOR)
}
