//! Colour, width, wrapping and tables: what all human output shares.

use owo_colors::{OwoColorize, Style};

use crate::model::verdict::Severity;

/// Narrower than this, nothing is wrapped any more.
const NARROWEST: usize = 40;

/// Wider than this, lines are hard to read.
const WIDEST: usize = 120;

/// A last column narrower than this is not worth wrapping into.
const RIBBON: usize = 36;

/// Where the last cell begins when it stands below its line.
const BELOW: usize = 8;

/// How human output is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    width: usize,
    colour: bool,
    verbose: bool,
}

/// What a piece of text is, as far as colour goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Ordinary text.
    Plain,
    /// A heading or a label.
    Strong,
    /// Beside the point.
    Faint,
    /// The wall held.
    Good,
    /// Something to look at.
    Warning,
    /// Something crossed.
    Bad,
}

impl Layout {
    /// A layout for that many columns, with or without colour; `verbose` shows what is shortened otherwise.
    pub fn new(width: usize, colour: bool, verbose: bool) -> Self {
        Self {
            width: width.clamp(NARROWEST, WIDEST),
            colour,
            verbose,
        }
    }

    /// Whether nothing is to be shortened.
    pub fn verbose(self) -> bool {
        self.verbose
    }

    /// The same with nothing shortened.
    #[must_use]
    pub fn all(self) -> Self {
        Self {
            verbose: true,
            ..self
        }
    }

    /// How many columns there are.
    pub fn width(self) -> usize {
        self.width
    }

    /// The text in its tone.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour || tone == Tone::Plain {
            return text.to_owned();
        }
        let style = match tone {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
            Tone::Good => Style::new().green().bold(),
            Tone::Warning => Style::new().yellow().bold(),
            Tone::Bad => Style::new().red().bold(),
        };
        text.style(style).to_string()
    }

    /// The tone of a severity.
    pub fn tone(severity: Severity) -> Tone {
        match severity {
            Severity::Critical | Severity::High => Tone::Bad,
            Severity::Medium | Severity::Low => Tone::Warning,
            Severity::Info => Tone::Strong,
        }
    }

    /// A label right-aligned in `columns`, then the text, wrapped under its own start.
    pub fn labelled(self, tone: Tone, label: &str, columns: usize, text: &str) -> String {
        let pad = " ".repeat(columns.saturating_sub(label.chars().count()));
        let head = format!("{pad}{} ", self.paint(tone, label));
        self.hanging(&head, columns + 1, text)
    }

    /// `head`, then the text, wrapped with `indent` columns before every further line.
    pub fn hanging(self, head: &str, indent: usize, text: &str) -> String {
        let later = " ".repeat(indent);
        let options = textwrap::Options::new(self.width)
            .initial_indent(head)
            .subsequent_indent(&later)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            // Said, since the defaults depend on what other crates switch on.
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
        textwrap::fill(text, options)
    }

    /// Lines under aligned columns; the last one takes what is left and is wrapped.
    pub fn table(self, rows: &[Vec<Cell>]) -> String {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns.saturating_sub(1))
            .map(|column| {
                rows.iter()
                    .filter_map(|row| row.get(column))
                    .map(Cell::width)
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let lines = rows.iter().map(|row| self.line(row, &widths));
        lines.fold(String::new(), |all, line| all + line.trim_end() + "\n")
    }

    fn line(self, row: &[Cell], widths: &[usize]) -> String {
        let mut head = String::from("  ");
        for (cell, width) in row.iter().zip(widths) {
            let pad = " ".repeat(width.saturating_sub(cell.width()));
            let painted = self.paint(cell.tone, &cell.text);
            head = if cell.right {
                format!("{head}{pad}{painted}  ")
            } else {
                format!("{head}{painted}{pad}  ")
            };
        }
        let indent = 2 + widths.iter().map(|w| w + 2).sum::<usize>();
        let Some(last) = row.get(widths.len()) else {
            return head;
        };
        if last.text.is_empty() {
            return head;
        }
        // Where hardly any room is left, the last cell stands below, rather than in a ribbon at the edge.
        if indent + last.width() > self.width && indent + RIBBON > self.width {
            let below = " ".repeat(BELOW);
            return format!(
                "{}\n{}",
                head.trim_end(),
                self.hanging(&below, BELOW, &last.text)
            );
        }
        self.hanging(&head, indent, &last.text)
    }
}

/// One cell of a table.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    tone: Tone,
    right: bool,
}

impl Cell {
    /// Text, aligned to the left.
    pub fn left(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tone: Tone::Plain,
            right: false,
        }
    }

    /// A number, aligned to the right.
    pub fn right(text: impl Into<String>) -> Self {
        Self {
            right: true,
            ..Self::left(text)
        }
    }

    /// The same in a tone.
    #[must_use]
    pub fn toned(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn width(&self) -> usize {
        textwrap::core::display_width(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_text_hangs_under_its_own_start() {
        let layout = Layout::new(40, false, false);
        let text = layout.labelled(
            Tone::Strong,
            "Tested",
            8,
            "one two three four five six seven eight",
        );
        assert_eq!(
            text,
            "  Tested one two three four five six\n         seven eight"
        );
    }

    #[test]
    fn colour_does_not_change_the_layout() {
        let plain = Layout::new(60, false, false);
        let colour = Layout::new(60, true, false);
        let rows = vec![
            vec![
                Cell::right("1").toned(Tone::Bad),
                Cell::left("the last cell is wrapped ".repeat(4)),
            ],
            vec![Cell::right("1,000"), Cell::left("b")],
        ];
        let stripped = strip(&colour.table(&rows));
        assert_eq!(stripped, plain.table(&rows));
        assert_ne!(colour.table(&rows), plain.table(&rows));
    }

    fn strip(text: &str) -> String {
        let escape = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a regular expression");
        escape.replace_all(text, "").into_owned()
    }

    #[test]
    fn a_last_cell_without_room_stands_below_its_line() {
        let layout = Layout::new(60, false, false);
        let rows = [vec![
            Cell::left("a".repeat(40)),
            Cell::left("one two three four five"),
        ]];
        let expected = format!("  {}\n        one two three four five\n", "a".repeat(40));
        assert_eq!(layout.table(&rows), expected);
        let rows = [vec![Cell::left("a".repeat(40)), Cell::left("fits")]];
        assert_eq!(layout.table(&rows), format!("  {}  fits\n", "a".repeat(40)));
    }

    #[test]
    fn a_line_is_never_wider_than_the_layout_where_words_allow_it() {
        let layout = Layout::new(50, false, false);
        let text = layout.hanging("    head ", 9, &"word ".repeat(40));
        assert!(
            text.lines().all(|line| line.chars().count() <= 50),
            "{text}"
        );
    }
}
