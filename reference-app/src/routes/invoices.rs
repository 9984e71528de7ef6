//! stub
pub(super) fn routes() -> super::Routes {
    super::Routes::new()
}
