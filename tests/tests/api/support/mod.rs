mod couplings;
mod support_consents;
mod support_requests;
mod support_sessions;
mod support_view;
