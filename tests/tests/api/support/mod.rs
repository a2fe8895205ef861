mod couplings;
mod support_consents;
mod support_sessions;
mod support_view;
