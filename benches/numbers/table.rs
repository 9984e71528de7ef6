//! The table of results: measure, target, measured, met.

/// What a measure shall be.
#[derive(Clone, Copy)]
pub enum Target {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Nothing is promised: it explains its neighbours.
    None,
}

/// One line of the table.
pub struct Measure {
    /// What is measured.
    pub what: String,
    /// What it shall be.
    pub target: Target,
    /// What it is.
    pub value: f64,
    /// Of what: `ms`, `/s`.
    pub unit: &'static str,
    /// How it was measured, or what it is made of.
    pub about: String,
}

impl Measure {
    fn met(&self) -> &'static str {
        let met = match self.target {
            Target::AtLeast(least) => self.value >= least,
            Target::AtMost(most) => self.value <= most,
            Target::None => return "",
        };
        if met { "yes" } else { "**no**" }
    }

    fn cells(&self) -> [String; 5] {
        let target = match self.target {
            Target::AtLeast(least) => format!("≥ {}", number(least, self.unit)),
            Target::AtMost(most) => format!("≤ {}", number(most, self.unit)),
            Target::None => String::new(),
        };
        [
            self.what.clone(),
            target,
            number(self.value, self.unit),
            self.met().to_owned(),
            self.about.clone(),
        ]
    }
}

/// With as many digits as say something.
fn number(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 || v.fract() == 0.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    let mut text = format!("{value:.digits$}");
    if text.len() > 3 && digits == 0 {
        text.insert(text.len() - 3, ',');
    }
    if unit.is_empty() {
        text
    } else {
        format!("{text} {unit}")
    }
}

/// The whole text, as Markdown whose columns also line up on a terminal.
pub fn text(machine: &str, measures: &[Measure]) -> String {
    let head = ["measure", "target", "measured", "met", "how"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(measures.iter().map(Measure::cells));
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max();
    let widths: Vec<usize> = (0..5).map(|at| width(at).unwrap_or_default()).collect();
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut text = format!(
        "# Numbers\n\nWritten by `cargo bench --bench numbers -- --update snapshots/numbers.md`; not by hand.\n\n{machine}\n\n"
    );
    for (at, row) in rows.iter().enumerate() {
        text += &line(row);
        if at == 0 {
            let dashes = widths.iter().map(|width| "-".repeat(width + 2));
            let dashes = dashes.collect::<Vec<_>>().join("|");
            let ruled = format!("|{dashes}|\n");
            text.push_str(&ruled);
        }
    }
    text
}
