//! A declared figure of an answer: where it stands, and what SQL says of it for each tenant.

use std::collections::BTreeMap;

use super::call::text;
use super::decimal::Decimal;
use super::exchange::Response;
use super::json_path::{Segment, find_all};
use super::route::RouteId;
use super::tenant::TenantKey;

/// The values of a figure by bucket: `2026-01`; one without a name where the figure is a single number. A bucket without a
/// value is none.
pub type Buckets = BTreeMap<String, Decimal>;

/// A declared figure, with what SQL said of it a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The route whose answers it stands in.
    pub route: RouteId,
    /// Where it stands there, as it was declared.
    pub place: String,
    /// The same, read.
    pub(crate) value: Vec<Segment>,
    /// Where the names of its buckets stand, for a series.
    pub(crate) key: Option<Vec<Segment>>,
    /// What SQL says for each tenant; empty where nothing is declared for one.
    pub told: BTreeMap<TenantKey, Buckets>,
    /// What the values of all tenants must add up to, where that is declared.
    pub whole: Option<Buckets>,
}

/// Why a figure could not be read from an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl Figure {
    /// The figure in an answer, bucket by bucket.
    pub fn read(&self, response: &Response) -> Result<Buckets, Unreadable> {
        let json = response
            .json()
            .ok_or_else(|| Unreadable("the answer is no json".to_owned()))?;
        let values = find_all(&json, &self.value);
        let names: Vec<String> = match &self.key {
            Some(key) => find_all(&json, key).into_iter().map(text).collect(),
            None => values.iter().map(|_| String::new()).collect(),
        };
        if names.len() != values.len() || (self.key.is_none() && values.len() > 1) {
            let (names, values) = (names.len(), values.len());
            let said = format!("{values} values stand there, with {names} names of buckets");
            return Err(Unreadable(said));
        }
        let mut buckets = Buckets::new();
        for (name, value) in names.into_iter().zip(values) {
            if value.is_null() {
                continue;
            }
            let said = text(value);
            let number = Decimal::parse(&said)
                .ok_or_else(|| Unreadable(format!("`{said}` is no number")))?;
            if buckets.insert(name.clone(), number).is_some() {
                return Err(Unreadable(format!("the bucket `{name}` stands twice")));
            }
        }
        Ok(buckets)
    }

    /// The first bucket in which two readings differ, with both values. In a series a bucket that is not there is zero.
    pub fn differs(&self, said: &Buckets, told: &Buckets) -> Option<Difference> {
        let mut names: Vec<&String> = said.keys().chain(told.keys()).collect();
        names.sort();
        names.dedup();
        let series = self.key.is_some();
        let value = |of: &Buckets, name: &String| {
            let value = of.get(name).copied();
            value.or_else(|| series.then(Decimal::default))
        };
        names.into_iter().find_map(|name| {
            let (said, told) = (value(said, name), value(told, name));
            (said != told).then(|| Difference {
                bucket: series.then(|| name.clone()),
                said,
                told,
            })
        })
    }
}

/// A bucket in which an answer and SQL differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name; `None` for a single number.
    pub bucket: Option<String>,
    /// What the answer says.
    pub said: Option<Decimal>,
    /// What SQL says.
    pub told: Option<Decimal>,
}
