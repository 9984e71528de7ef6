//! `conservation`: a figure is not what SQL says of the tenant, or tenants' figures do not add up.

use super::Oracle;
use crate::model::call::Call;
use crate::model::decimal::Decimal;
use crate::model::exchange::{Exchange, History, Purpose, Response};
use crate::model::figure::{Buckets, Difference, Figure, Unreadable};
use crate::model::knowledge::Knowledge;
use crate::model::tenant::TenantKey;
use crate::model::verdict::{Crossing, Evidence, Reason, Severity};

/// Judges aggregates by declared SQL.
pub struct Conservation;

impl Oracle for Conservation {
    fn id(&self) -> &'static str {
        "conservation"
    }

    fn title(&self) -> &'static str {
        "a figure is not what SQL says of the tenant, or tenants' figures do not add up"
    }

    fn doc(&self) -> &'static str {
        "\
Only what the description declares as `[[analytics.check]]`: a figure of a route's answer, and a query. On fresh state, before \
anything is attacked, the strongest member of every tenant asks the route, the tenant without rows, too. `sql` says what the \
figure must be for that tenant; `conserve` what the figures of all tenants must add up to. Series are compared bucket by \
bucket; a bucket that is not there is zero. Numbers are compared as decimals, exactly.

This sees what taking away others' rows cannot: figures that were summed up before, and handed to the wrong tenant; rows \
that are counted for nobody; a share that moves from one tenant to another.

Severity: medium.

Example: `value = \"$.revenue\"`, `sql = \"SELECT sum(amount) FROM booking WHERE tenant_id = {tenant.key}\"`, and GET /stats says \
1380 to acme, which is what SQL says of globex."
    }

    fn cwe(&self) -> u16 {
        682
    }

    fn owasp(&self) -> &'static str {
        "API1:2023"
    }

    fn judge(&self, history: &History, knowledge: &Knowledge) -> Result<Vec<Evidence>, Reason> {
        let answers: Vec<(usize, &Exchange)> = history.of(Purpose::Attack).enumerate().collect();
        let asked = |figure: &&Figure| answers.iter().any(|(_, e)| is_of(&e.call, figure));
        let figures: Vec<&Figure> = knowledge.figures.iter().filter(asked).collect();
        if figures.is_empty() || !history.is_plain() {
            return Err(Reason::NotApplicable);
        }
        let mut found = Vec::new();
        for figure in figures {
            let answers = answers.iter().filter(|(_, e)| is_of(&e.call, figure));
            let mut all: Vec<(usize, TenantKey, Result<Buckets, Unreadable>)> = Vec::new();
            for (index, exchange) in answers {
                let tenant = exchange.call.tenant.clone().ok_or(Reason::NotApplicable)?;
                all.push((*index, tenant, figure.read(answer(exchange)?)));
            }
            let wrong = all.iter().find_map(|(index, tenant, said)| {
                let crossing = of_one(figure, knowledge, tenant, said)?;
                Some((*index, crossing, Some(tenant.clone())))
            });
            let wrong = wrong.or_else(|| {
                let crossing = of_all(figure, knowledge, &all)?;
                Some((0, crossing, None))
            });
            found.extend(wrong.map(|(index, crossing, victim)| Evidence {
                oracle: "conservation",
                crossing,
                victim,
                severity: Severity::Medium,
                shown_by: (Purpose::Attack, index),
            }));
        }
        Ok(found)
    }
}

fn is_of(call: &Call, figure: &Figure) -> bool {
    call.route == figure.route
}

fn answer(exchange: &Exchange) -> Result<&Response, Reason> {
    match exchange.response() {
        Some(response) if response.status == 429 => Err(Reason::Throttled),
        Some(response) if response.truncated => Err(Reason::NoAnswer),
        Some(response) if response.is_success() => Ok(response),
        Some(_) => Err(Reason::OwnControlFailed),
        None => Err(Reason::NoAnswer),
    }
}

/// What one tenant is told, against what SQL says of it.
fn of_one(
    figure: &Figure,
    knowledge: &Knowledge,
    tenant: &TenantKey,
    said: &Result<Buckets, Unreadable>,
) -> Option<Crossing> {
    let told = figure.told.get(tenant)?;
    let slug = slug(knowledge, tenant);
    let said = match said {
        Ok(said) => said,
        Err(Unreadable(why)) => {
            return Some(Crossing::Broke {
                promise: format!("{} of {slug} can be read", figure.place),
                instead: why.clone(),
            });
        }
    };
    let difference = figure.differs(said, told)?;
    let whose = whose(figure, tenant, &difference);
    let whose = whose.map(|other| format!(", which is {}'s", self::slug(knowledge, other)));
    Some(Crossing::Broke {
        promise: format!(
            "{} of {slug} is {}, by SQL",
            place(figure, &difference),
            number(difference.told)
        ),
        instead: format!(
            "the answer said {}{}",
            number(difference.said),
            whose.unwrap_or_default()
        ),
    })
}

/// What all tenants are told, against what SQL says of all rows.
fn of_all(
    figure: &Figure,
    knowledge: &Knowledge,
    answers: &[(usize, TenantKey, Result<Buckets, Unreadable>)],
) -> Option<Crossing> {
    let whole = figure.whole.as_ref()?;
    let asked = |key: &TenantKey| answers.iter().any(|(_, tenant, _)| tenant == key);
    if !knowledge.tenants.iter().all(|t| asked(&t.key)) {
        return None;
    }
    let mut sums = Buckets::new();
    for (_, _, said) in answers {
        for (bucket, value) in said.as_ref().ok()? {
            let sum = sums.entry(bucket.clone()).or_default();
            *sum = [*sum, *value].into_iter().sum();
        }
    }
    let difference = figure.differs(&sums, whole)?;
    Some(Crossing::Broke {
        promise: format!(
            "{} of all tenants adds up to {}, by SQL",
            place(figure, &difference),
            number(difference.told)
        ),
        instead: format!("the answers add up to {}", number(difference.said)),
    })
}

/// `$.series[*].revenue at 2026-01`.
fn place(figure: &Figure, difference: &Difference) -> String {
    match &difference.bucket {
        Some(bucket) => format!("{} at {bucket}", figure.place),
        None => figure.place.clone(),
    }
}

/// The other tenant whose figure was told, where SQL says so of one alone.
fn whose<'f>(
    figure: &'f Figure,
    tenant: &TenantKey,
    difference: &Difference,
) -> Option<&'f TenantKey> {
    let said = difference.said?;
    if said == Decimal::default() {
        return None;
    }
    let bucket = difference.bucket.clone().unwrap_or_default();
    let others = figure.told.iter().filter(|(key, _)| *key != tenant);
    let mut alike = others.filter(|(_, told)| told.get(&bucket) == Some(&said));
    let (only, _) = alike.next()?;
    alike.next().is_none().then_some(only)
}

fn slug(knowledge: &Knowledge, tenant: &TenantKey) -> String {
    let known = knowledge.tenant(tenant);
    known.map_or_else(|| tenant.to_string(), |t| t.slug.clone())
}

fn number(value: Option<Decimal>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests;
