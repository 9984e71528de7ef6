//! Posts of a firm's public page.
use super::{Moment, entity};
use crate::store::{Reference, Resource};

pub(crate) static POSTS: Resource = Resource {
    table: "Post",
    columns: &[
        "id",
        "tenantId",
        "authorId",
        "slug",
        "title",
        "body",
        "published",
        "publishedAt",
        "createdAt",
        "updatedAt",
    ],
    writable: &["authorId", "slug", "title", "body"],
    searchable: &["title", "body"],
    sortable: &["title", "publishedAt", "createdAt"],
    filters: &["published", "slug"],
    references: &[Reference {
        column: "authorId",
        table: "User",
        slip: None,
    }],
    slug_from: Some("title"),
    ..Resource::BASE
};

entity! { PostRow, NewPost, PostPatch, id: String,
    required { title: String }
    optional { author_id: String, slug: String, body: String }
    answered { published: bool, published_at: Moment, created_at: Moment, updated_at: Moment }
}
