//! How the processor is reached by whoever found something out, logged in or not (C132).

use actix_web::web;
use groeilijn_domain::values::email::EmailAddress;

use crate::http::described::at_most;
use crate::http::guard::Open;
use crate::http::guard::activity::OperateService;
use crate::http::problem::Problem;
use crate::http::reply::{self, Shown};
use crate::state::AppState;
use crate::{operations, reply_body};

operations! {
    /// The operation on how the processor is reached.
    pub fn endpoints;

    /// Read how the processor is reached
    ///
    /// The telephone number in office hours, and the mailbox to which incidents and questions about privacy are sent. For
    /// everybody: whoever finds something out may have no account. Users report in the service itself (`POST /incidents`); the
    /// persons by whom the parties speak are in `/processor-contact-persons` and
    /// `/institutions/{institutionId}/contact-persons` (C132).
    GET "/processor-contact" => read_processor_contact: "How the processor is reached.";
}

reply_body! {
    /// How the processor is reached.
    pub struct ProcessorContact {
        /// The telephone number in office hours, with the country before it (E.164); null when none was set.
        telephone: Option<String> = at_most(16),
        /// The privacy mailbox; null when none was set.
        privacy_mailbox: Option<EmailAddress>,
    }
}

async fn read_processor_contact(
    _: Open<OperateService>,
    state: web::Data<AppState>,
) -> Result<Shown<ProcessorContact>, Problem> {
    let processor = &state.processor;
    reply::view(&ProcessorContact {
        telephone: processor.telephone.as_ref().map(|number| number.as_str().to_owned()),
        privacy_mailbox: processor.privacy_mailbox.clone(),
    })
}
