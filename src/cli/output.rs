//! The one place that writes: results to standard output or a file, all else to standard error.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use miette::{GraphicalReportHandler, GraphicalTheme};
use owo_colors::{OwoColorize, Stream};

use super::args::{Format, Global};
use super::failure::Failure;
use crate::model::event::Listener;
use crate::model::exit::Exit;
use crate::report::Layout;
use crate::report::progress::{Kind, listener};

/// How wide lines are where nothing tells.
const WIDTH: usize = 100;

/// Where output goes and what it looks like.
pub struct Shell {
    /// For a person or for a program.
    pub format: Format,
    /// Nothing is said while it goes on.
    pub quiet: bool,
    to: Option<PathBuf>,
    verbose: bool,
    colours: bool,
}

impl Shell {
    /// As the command line and the terminal say.
    pub fn new(global: &Global) -> Self {
        Self {
            format: global.format,
            quiet: global.quiet,
            to: global.output.clone(),
            verbose: global.verbose,
            colours: !global.no_color,
        }
    }

    /// The layout of the result.
    pub fn layout(&self) -> Layout {
        if self.to.is_some() {
            return Layout::new(WIDTH, false, self.verbose);
        }
        let colour = self.colours && coloured(Stream::Stdout);
        Layout::new(width(io::stdout().is_terminal()), colour, self.verbose)
    }

    /// The layout of what is said beside it.
    pub fn aside(&self) -> Layout {
        let colour = self.colours && coloured(Stream::Stderr);
        Layout::new(width(io::stderr().is_terminal()), colour, self.verbose)
    }

    /// Whether the result goes to a file.
    pub fn to_file(&self) -> bool {
        self.to.is_some()
    }

    /// Who shows how a run goes: bars for a person at a terminal, lines for a log.
    pub fn listener(&self) -> Box<dyn Listener> {
        let kind = match (
            self.quiet,
            io::stderr().is_terminal() && std::env::var_os("CI").is_none(),
        ) {
            (true, _) => Kind::Quiet,
            (false, true) => Kind::Bars,
            (false, false) => Kind::Lines,
        };
        listener(kind, self.aside())
    }

    /// Writes a result.
    pub fn put(&self, text: &str) -> Result<Exit, Failure> {
        match &self.to {
            Some(path) => fs::write(path, text).map_err(Failure::io(path))?,
            None => to_stdout(text).map_err(Failure::io("standard output"))?,
        }
        Ok(Exit::Held)
    }

    /// Says why there is no result, with the place in the description where there is one.
    pub fn complain(&self, report: &miette::Report) {
        let coloured = self.colours && coloured(Stream::Stderr);
        let theme = if coloured {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width(io::stderr().is_terminal()))
            .with_links(false);
        let mut text = String::new();
        match handler.render_report(&mut text, report.as_ref()) {
            Ok(()) => say(&text),
            Err(_) => say(&format!("error: {report}")),
        }
    }
}

/// Says something beside the result.
pub fn say(text: &str) {
    // Where standard error is closed, nobody is there to be told, and the exit code still tells.
    let _unread = writeln!(io::stderr(), "{}", text.trim_end());
}

/// A reader that went away (`| head`) is no failure.
fn to_stdout(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn width(terminal: bool) -> usize {
    terminal
        .then(terminal_size::terminal_size)
        .flatten()
        .map_or(WIDTH, |(width, _)| usize::from(width.0))
}

/// Asks the colour library itself, so that `NO_COLOR`, `FORCE_COLOR` and the terminal count as everywhere.
fn coloured(stream: Stream) -> bool {
    let probe = "x"
        .if_supports_color(stream, |text| text.bold())
        .to_string();
    probe != "x"
}
