//! What is seen while a run goes on: bars on a terminal, one line a stage elsewhere. Goes to standard error, so that the
//! report alone stands on standard output.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::style::{Layout, Tone};
use super::text;
use crate::model::event::{Event, Listener, Silence};
use crate::model::finding::{Confidence, Finding, Sink};

/// How wide the label before each line is.
const LABEL: usize = 12;

/// How often a spinner turns.
const TURN: Duration = Duration::from_millis(120);

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Quiet,
    /// One line a stage.
    Lines,
    /// Bars, findings and warnings as they come.
    Bars,
}

/// A listener of that kind, on standard error.
pub fn listener(kind: Kind, layout: Layout) -> Box<dyn Listener> {
    match kind {
        Kind::Quiet => Box::new(Silence),
        Kind::Lines => Box::new(Lines::new(std::io::stderr(), layout)),
        Kind::Bars => Box::new(Bars::new(layout)),
    }
}

/// One line a stage.
#[derive(Debug)]
pub struct Lines<W> {
    to: Mutex<W>,
    layout: Layout,
}

impl<W: Write + Send> Lines<W> {
    /// Lines written to `to`.
    pub fn new(to: W, layout: Layout) -> Self {
        Self {
            to: Mutex::new(to),
            layout,
        }
    }
}

impl<W: Write + Send> Listener for Lines<W> {
    fn on(&self, event: &Event) {
        let Some(line) = line(event, self.layout) else {
            return;
        };
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody reads standard error any more: the run goes on, its report says all that matters.
        let _unread = writeln!(to, "{line}");
    }
}

/// The line of an event that gets one where nothing can be redrawn.
fn line(event: &Event, layout: Layout) -> Option<String> {
    match event {
        Event::Stage { name, about } => Some(stage(name, about, layout)),
        Event::Note(note) if layout.verbose() => {
            Some(layout.labelled(Tone::Faint, "note", LABEL, note))
        }
        Event::Warning(warning) if layout.verbose() => {
            Some(layout.labelled(Tone::Warning, "warning", LABEL, warning))
        }
        Event::Found(finding) if layout.verbose() => Some(found(finding, layout)),
        _ => None,
    }
}

fn stage(name: &str, about: &str, layout: Layout) -> String {
    layout.labelled(Tone::Good, &capital(name), LABEL, about)
}

fn found(finding: &Finding, layout: Layout) -> String {
    let place = match &finding.sink {
        Sink::Route(route) => route.to_string(),
        Sink::AllRoutes => "many routes".to_owned(),
    };
    let certain = match finding.confidence {
        Confidence::Confirmed => "",
        Confidence::Suspected => ", only suspected",
    };
    let said = format!("{place} by {}{certain}", finding.attack);
    let severity = text::severity(finding.severity);
    layout.labelled(Layout::tone(finding.severity), severity, LABEL, &said)
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Bars, findings and warnings as they come.
struct Bars {
    layout: Layout,
    bar: ProgressBar,
    current: Mutex<Option<Stage>>,
}

/// The stage that goes on.
struct Stage {
    name: &'static str,
    about: String,
    since: Instant,
}

impl Bars {
    fn new(layout: Layout) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(spinner());
        Self {
            layout,
            bar,
            current: Mutex::new(None),
        }
    }

    /// Writes down the stage that ends, with its time.
    fn close(&self) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stage) = current.take() {
            let about = format!(
                "{} ({})",
                stage.about,
                text::duration(stage.since.elapsed())
            );
            self.bar
                .println(self::stage(stage.name, &about, self.layout));
        }
    }

    fn open(&self, name: &'static str, about: &str) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Stage {
            name,
            about: about.to_owned(),
            since: Instant::now(),
        });
        self.bar.set_style(spinner());
        self.bar.set_prefix(format!("{:>LABEL$}", capital(name)));
        self.bar.set_message(about.to_owned());
        self.bar.enable_steady_tick(TURN);
    }
}

impl Listener for Bars {
    fn on(&self, event: &Event) {
        match event {
            Event::Stage { name, about } => {
                self.close();
                self.open(name, about);
            }
            Event::Progress { done, total } => {
                if *total > 0 {
                    self.bar.set_style(counter());
                    self.bar.set_length(*total as u64);
                    self.bar.set_position(*done as u64);
                }
            }
            Event::Found(finding) => self.bar.println(found(finding, self.layout)),
            other => {
                if let Some(line) = line(other, self.layout) {
                    self.bar.println(line);
                }
            }
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.close();
        self.bar.finish_and_clear();
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{prefix:.green.bold} {spinner} {wide_msg}")
        .expect("a constant, read by a test")
}

fn counter() -> ProgressStyle {
    ProgressStyle::with_template("{prefix:.green.bold} [{bar:24}] {pos}/{len} {wide_msg}")
        .expect("a constant, read by a test")
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_can_be_read() {
        let (_, _) = (spinner(), counter());
    }

    #[test]
    fn without_a_terminal_there_is_one_line_a_stage_and_nothing_else() {
        let lines = Lines::new(Vec::new(), Layout::new(80, false, false));
        lines.on(&Event::Stage {
            name: "sweep",
            about: "3 routes by 2 attacks".into(),
        });
        lines.on(&Event::Progress { done: 1, total: 2 });
        lines.on(&Event::Note("n".into()));
        lines.on(&Event::Warning("w".into()));
        let written = lines.to.into_inner().expect("not poisoned");
        assert_eq!(
            String::from_utf8_lossy(&written),
            "       Sweep 3 routes by 2 attacks\n"
        );
    }

    #[test]
    fn verbose_lines_hold_notes_and_warnings_too() {
        let lines = Lines::new(Vec::new(), Layout::new(80, false, true));
        lines.on(&Event::Note("n".into()));
        lines.on(&Event::Warning("w".into()));
        let written = lines.to.into_inner().expect("not poisoned");
        assert_eq!(
            String::from_utf8_lossy(&written),
            "        note n\n     warning w\n"
        );
    }
}
