//! How the processor's staff looks into an institution: for a while, for a reason, and never further than that needs
//! (C010–C013, C016, C017, C048).
//!
//! Nobody at the processor has standing access to a child's data. Which kinds of looks there are, who may begin one, what
//! it shows at most and how long it lasts is in [`support_session`]; what one rests on in [`basis`].

mod basis;
mod case;
mod consent_code;
mod coupling;
mod end;
mod request_subject;
mod support_consent;
mod support_request;
mod support_session;

pub use basis::{Basis, Ground};
pub use case::CaseId;
pub use consent_code::ConsentCode;
pub use coupling::{Coupling, CouplingReport, can_be_coupled, check_allowed, check_approval, check_period};
pub use request_subject::{MOST_PUPILS, RequestSubject, parts_of_request, reach_of_request};
pub use support_consent::{ConsentKind, SupportConsent, check_consent_end};
pub use support_request::{COUNTS_FOR, RequestChannel, SupportRequest, check_received_on};
pub use support_session::{
    Naming, SupportKind, SupportRefusal, check_reach, end_by, reach_of, requested_parts, rights,
};
