//! What an operation needs before it runs, and how that is established.

use std::future::Future;
use std::marker::PhantomData;

use actix_web::HttpRequest;
use groeilijn_domain::access::{Action, Part};
use groeilijn_domain::activity::ProcessingActivity;

use super::problem::Problem;

/// What an operation needs: a right, or nothing; and the processing activity it works under (C036, C037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// The part of the data and what is done with it (C066); `None` for what is open to everyone.
    pub permission: Option<(Part, Action)>,
    /// The purpose, from the closed list.
    pub activity: ProcessingActivity,
}

/// The first parameter of every handler. It is established before anything else of the request is read, so a caller
/// without the right learns nothing from what they send, and cannot make the server read a body.
pub trait Guard: Sized + 'static {
    /// What establishing this guard requires: shown in the OpenAPI document, written to the audit log.
    fn needs() -> Needs;

    /// Establishes the guard for a request.
    ///
    /// # Errors
    /// The problem to reply with when the caller does not have what is needed.
    fn establish(request: &HttpRequest) -> impl Future<Output = Result<Self, Problem>>;
}

/// A processing activity as a type, so that a handler's signature can name it.
pub trait Activity: 'static {
    /// The activity.
    const ACTIVITY: ProcessingActivity;
}

/// The processing activities as types.
pub mod activity {
    use super::{Activity, ProcessingActivity};

    macro_rules! activities {
        ($($name:ident)*) => {$(
            #[doc = concat!("[`ProcessingActivity::", stringify!($name), "`] as a type.")]
            #[derive(Debug)]
            pub enum $name {}

            impl Activity for $name {
                const ACTIVITY: ProcessingActivity = ProcessingActivity::$name;
            }
        )*};
    }

    activities! {
        FollowDevelopment AdministerPupils AdministerAccess AdministerLicence MaintainFramework OperateService
    }
}

/// Guards what everyone may do, logged in or not.
#[derive(Debug)]
pub struct Open<A: Activity>(PhantomData<A>);

impl<A: Activity> Guard for Open<A> {
    fn needs() -> Needs {
        Needs { permission: None, activity: A::ACTIVITY }
    }

    async fn establish(_: &HttpRequest) -> Result<Self, Problem> {
        Ok(Self(PhantomData))
    }
}
