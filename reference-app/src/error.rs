//! What can keep the application from starting or make it stop.

/// Why `serve` gave up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A fault was named that is not in the table.
    #[error("unknown fault `{0}`: the names stand in `reference_app::faults::FAULTS`")]
    UnknownFault(String),
    /// A quirk was named that is not in the table.
    #[error("unknown quirk `{0}`: the names stand in `reference_app::quirks::QUIRKS`")]
    UnknownQuirk(String),
    /// A secret is empty, so anybody could sign.
    #[error("{0} is empty: give a secret of at least 16 characters")]
    WeakSecret(&'static str),
    /// The keys of a pair cannot be read, or one of them is missing.
    #[error("JWT_PRIVATE_KEY and JWT_PUBLIC_KEY: give both, Ed25519 in PEM")]
    KeyPair,
    /// A database URL could not be read.
    #[error("cannot read {0}: {1}")]
    DatabaseUrl(&'static str, sqlx::Error),
    /// The tables could not be made, or the pool could not be opened.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The port could not be bound, or serving failed.
    #[error("listening on {0}: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
}
