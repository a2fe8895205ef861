//! What can go wrong.

use actix_web::ResponseError;
use actix_web::http::StatusCode;

/// Why the bare server cannot do something. As a reply it is a bare status.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite refuses.
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    /// A stored value does not open, or is not what it should be.
    #[error("a stored value cannot be read")]
    Unreadable,
    /// There is no such thing in the institution of the token.
    #[error("not found")]
    NotFound,
    /// The token is not one of this server, or has ended.
    #[error("not a valid token")]
    Unauthenticated,
    /// The thread that writes has stopped.
    #[error("the writer has stopped")]
    Stopped,
    /// The server cannot be started.
    #[error("{0}")]
    Start(#[from] std::io::Error),
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Database(_) | Self::Unreadable | Self::Stopped | Self::Start(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}
