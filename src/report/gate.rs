//! The exit code of a run, and the sentence that says why.

use crate::model::event::{CutShort, Report, Tally};
use crate::model::exit::Exit;
use crate::model::finding::{Confidence, Finding};
use crate::model::verdict::{Reason, Severity};

use super::text;

/// Cases in percent that a target in good health may leave unanswered: some attacks are no proper HTTP.
const MAX_UNANSWERED: usize = 10;

/// What a run must meet.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// The least severity that fails it; `info` never does.
    pub fail_on: Severity,
    /// Inconclusive cases in percent of all that may be.
    pub max_inconclusive: u8,
    /// Routes in percent of those wanted that may never work for their rightful tenants.
    pub max_unreached: u8,
    /// A budget was set: that not everything was tried is as the user wants it.
    pub budgeted: bool,
    /// The user stopped it.
    pub interrupted: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code.
    pub exit: Exit,
    /// Why, in a sentence about this run.
    pub why: String,
}

impl Gate {
    /// How a run with this report ends.
    pub fn judge(self, report: &Report) -> Outcome {
        let confirmed = self.gating(report, Confidence::Confirmed);
        let suspected = self.gating(report, Confidence::Suspected);
        let all = total(report);
        let cases = all.held + all.violated + all.inconclusive;
        let at = text::severity(self.least());
        let (exit, why) = if self.interrupted {
            (Exit::Interrupted, "what is shown is not all".to_owned())
        } else if confirmed > 0 {
            let findings = text::count(confirmed, "confirmed finding");
            (Exit::Leak, format!("{findings} at `{at}` or above"))
        } else if suspected > 0 {
            let findings = text::count(suspected, "finding");
            let why = format!("{findings} at `{at}` or above, only suspected");
            (Exit::Inconclusive, why)
        } else if all.held + all.violated == 0 {
            let why = format!("not one of {} showed anything", text::count(cases, "case"));
            (Exit::Inconclusive, why)
        } else if self.too_unclear(all) {
            let why = format!(
                "{} % of all cases are inconclusive, {} % may be",
                percent(all.inconclusive, cases),
                self.max_inconclusive
            );
            (Exit::Inconclusive, why)
        } else if let Some(why) = fell_silent(report, cases) {
            (Exit::Inconclusive, why)
        } else if let Some((unreached, wanted)) = self.too_few_reached(report) {
            let why = format!(
                "{unreached} of {wanted} routes never worked for their rightful tenants, {} % may",
                self.max_unreached
            );
            (Exit::Inconclusive, why)
        } else if let Some(why) = self.unexcused(report) {
            (Exit::Inconclusive, format!("cut short: {why}"))
        } else {
            (Exit::Held, held(report))
        };
        Outcome { exit, why }
    }

    /// `info` is worth knowing and never gates.
    fn least(self) -> Severity {
        self.fail_on.max(Severity::Low)
    }

    fn gating(self, report: &Report, confidence: Confidence) -> usize {
        let gates = |finding: &&Finding| {
            finding.confidence == confidence && finding.severity >= self.least()
        };
        report.findings.iter().filter(gates).count()
    }

    /// How many of the routes that were wanted never worked, where those are too many.
    fn too_few_reached(self, report: &Report) -> Option<(usize, usize)> {
        let wanted = report.baseline.iter().filter(|r| !r.left_out).count();
        let left = report.baseline.iter().filter(|r| !r.left_out);
        let unreached = left.filter(|r| r.reason.is_some()).count();
        let too_many = unreached * 100 > usize::from(self.max_unreached) * wanted;
        too_many.then_some((unreached, wanted))
    }

    /// Why not everything was tried, where that is not as the user wants it.
    fn unexcused(self, report: &Report) -> Option<&CutShort> {
        let excused = |why: &CutShort| self.budgeted && *why == CutShort::Budget;
        report.cut_short.as_ref().filter(|why| !excused(why))
    }

    fn too_unclear(self, all: Tally) -> bool {
        let cases = all.held + all.violated + all.inconclusive;
        all.inconclusive * 100 > usize::from(self.max_inconclusive) * cases
    }
}

/// Why the target counts as having failed while it was attacked, whatever else may be inconclusive: it answered no attack
/// on a route that had worked before, or left many unanswered.
fn fell_silent(report: &Report, cases: usize) -> Option<String> {
    let broken = [Reason::NoAnswer, Reason::Throttled, Reason::ServerError];
    let mut silent = report.unshown.iter().filter(|(_, r)| broken.contains(r));
    if let Some((route, reason)) = silent.next() {
        let others = match silent.count() {
            0 => String::new(),
            others => format!(" and {}", text::count(others, "further route")),
        };
        return Some(format!(
            "{route}{others} showed nothing any more once attacks had begun: {reason}"
        ));
    }
    let unanswered = &broken[..2];
    let of = |(reason, count): &(Reason, usize)| unanswered.contains(reason).then_some(*count);
    let count = report.inconclusive.iter().filter_map(of).sum();
    let share = percent(count, cases);
    (count * 100 > MAX_UNANSWERED * cases).then(|| {
        format!("{share} % of all cases were not answered or throttled, {MAX_UNANSWERED} % may be")
    })
}

fn held(report: &Report) -> String {
    match report.findings.len() {
        0 => "nothing crossed".to_owned(),
        below => format!("{} below what gates", text::count(below, "finding")),
    }
}

/// All cases together.
pub fn total(report: &Report) -> Tally {
    let mut sum = Tally::default();
    report.attacks.iter().for_each(|(_, tally)| sum += *tally);
    sum
}

/// `part` of `all` in percent, to one decimal below ten.
pub fn percent(part: usize, all: usize) -> String {
    if all == 0 {
        return "0".to_owned();
    }
    let tenths = part * 1000 / all;
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{}", tenths / 10, tenths % 10)
    } else {
        (tenths / 10).to_string()
    }
}
