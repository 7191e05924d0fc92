//! Empty: the package exists so that `cargo vendor --locked` fetches the pinned C sources.
