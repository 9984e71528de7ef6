//! What a person reads of snapshots: what holds another tenant's share, what is new or changed, and what could not be shown.

use super::super::style::{Layout, Tone};
use super::super::text::count;
use super::heading;
use crate::model::snapshot::{Beside, Compared, Shot, Snapshots, Taken};

/// All of it; `left` are accepted files that nothing belongs to, `done` is what was done with what is new or changed.
pub fn snapshots(
    taken: &Snapshots,
    beside: &[Beside<'_>],
    left: &[String],
    done: &str,
    layout: Layout,
) -> String {
    let mut text = String::new();
    let mut section = |name: &str, about: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&heading(layout, name, about));
            for line in lines {
                text.push_str(&line);
                text.push('\n');
            }
            text.push('\n');
        }
    };
    let foreign = taken.shots.iter().filter(|s| s.taken.is_foreign());
    section(
        "Not a tenant's own",
        "nothing of these was written, and no accepted file makes them right",
        foreign
            .map(|shot| item(layout, Tone::Bad, shot, &crossing(&shot.taken)))
            .collect(),
    );
    let open = beside.iter().filter_map(|b| match &b.compared {
        Compared::New => Some(item(layout, Tone::Strong, b.shot, "new")),
        Compared::Changed { accepted } => Some(changed(layout, b, accepted)),
        Compared::Same | Compared::Not { .. } => None,
    });
    section("New or changed", done, open.collect());
    let unshown = unshown(taken, layout);
    section("Not verified", "nothing was written or compared", unshown);
    let left = left.iter().map(|file| format!("  {file}"));
    section(
        "Left over",
        "no aggregate belongs to these: delete them",
        left.collect(),
    );
    let warnings = taken.warnings.iter().map(|w| layout.hanging("  ", 2, w));
    section("Warnings", "what weakens the result", warnings.collect());
    text + &summary(taken, beside)
}

/// What could not be shown, and why.
fn unshown(taken: &Snapshots, layout: Layout) -> Vec<String> {
    let shots = taken.shots.iter().filter_map(|shot| match &shot.taken {
        Taken::Unverified(why) => Some(item(layout, Tone::Warning, shot, why)),
        _ => None,
    });
    let unreached = taken.unreached.iter();
    let unreached = unreached.map(|(route, why)| layout.hanging(&format!("  {route}: "), 4, why));
    shots.chain(unreached).collect()
}

fn item(layout: Layout, tone: Tone, shot: &Shot, said: &str) -> String {
    let whose = layout.paint(tone, &shot.tenant);
    layout.hanging(&format!("  {} of {whose}: ", shot.route), 4, said)
}

fn crossing(taken: &Taken) -> String {
    let value = |of: &Option<String>| of.clone().unwrap_or_else(|| "nothing".to_owned());
    match taken {
        Taken::Moved { at, with, without } => format!(
            "{at} is {} with other tenants' rows, and {} without them",
            value(with),
            value(without)
        ),
        Taken::Wrong { promise, instead } => format!("{promise}, but {instead}"),
        Taken::Verified { .. } | Taken::Unverified(_) => String::new(),
    }
}

/// The lines that differ.
fn changed(layout: Layout, beside: &Beside<'_>, accepted: &str) -> String {
    let now = match &beside.shot.taken {
        Taken::Verified { text, .. } => text.as_str(),
        _ => "",
    };
    let mut text = item(
        layout,
        Tone::Strong,
        beside.shot,
        &format!("changed ({})", beside.file),
    );
    let (old, new): (Vec<&str>, Vec<&str>) = (accepted.lines().collect(), now.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[same..], &new[same..]);
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    for (sign, lines) in [
        ("-", &old[..old.len() - tail]),
        ("+", &new[..new.len() - tail]),
    ] {
        for line in lines {
            text.extend(["\n    ", sign, " ", line]);
        }
    }
    text
}

fn summary(taken: &Snapshots, beside: &[Beside<'_>]) -> String {
    let verified = |sql: bool| {
        let all = taken.shots.iter();
        all.filter(|s| matches!(&s.taken, Taken::Verified { by_sql, .. } if *by_sql == sql || !sql))
            .count()
    };
    let mut routes: Vec<&str> = taken.shots.iter().map(|s| s.route.0.as_str()).collect();
    routes.dedup();
    let of = |wanted: fn(&Compared) -> bool| beside.iter().filter(|b| wanted(&b.compared)).count();
    let foreign = taken.shots.iter().filter(|s| s.taken.is_foreign()).count();
    let unshown = taken.shots.len() - verified(false) - foreign + taken.unreached.len();
    let mut text = format!(
        "{}: {} of {} verified ({} by SQL, too), {} as accepted, {} new, {} changed, {foreign} not a tenant's own, {unshown} \
         not verified\n",
        taken.target,
        count(verified(false), "snapshot"),
        count(routes.len(), "aggregate route"),
        verified(true),
        of(|c| *c == Compared::Same),
        of(|c| *c == Compared::New),
        of(|c| matches!(c, Compared::Changed { .. })),
    );
    if verified(false) == 0 {
        text.push_str("Nothing was compared: name aggregate routes with `analytics.routes`.\n");
    }
    text
}
