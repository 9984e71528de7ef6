//! Columns that a check ties to an expression over others: the expression is what they hold, and Postgres computes it.

use std::collections::BTreeMap;

use super::draft::Cell;
use crate::model::schema::{Kind, Table};
use crate::seed::check::{Expression, TableLimits};
use crate::seed::rows::literal;

/// Puts expressions into columns that checks compare with them, where all that they speak of is known.
pub fn derive(
    table: &Table,
    limits: &TableLimits,
    fixed: &BTreeMap<usize, Cell>,
    cells: &mut [Cell],
) {
    for derived in &limits.derived {
        let at = derived.column;
        let column = &table.columns[at];
        let free = !fixed.contains_key(&at)
            && !column.generated
            && !column.numbered
            && !table.is_foreign_key(at);
        if !free || cells[at] == Cell::Null {
            continue;
        }
        let Some(sql) = sql(table, cells, &derived.from) else {
            continue;
        };
        let step = match column.kind {
            Kind::Timestamp | Kind::Time | Kind::Interval => "interval '1 minute'",
            _ => "1",
        };
        cells[at] = Cell::Sql(match derived.beside {
            0 => sql,
            1.. => format!("{sql} + {step}"),
            _ => format!("{sql} - {step}"),
        });
    }
}

/// An expression with the values of a draft in place of columns; `None` where one is not known or a form is not.
fn sql(table: &Table, cells: &[Cell], expression: &Expression) -> Option<String> {
    Some(match expression {
        Expression::Name(name) => match table.column(name) {
            Some(at) => {
                let column = &table.columns[at];
                match &cells[at] {
                    Cell::Text(text) => format!("{}::{}", literal(Some(text)), column.type_name),
                    Cell::Default if !column.numbered => {
                        format!("({})::{}", column.default.as_ref()?, column.type_name)
                    }
                    _ => return None,
                }
            }
            None if name.to_ascii_lowercase().starts_with("current_") => name.clone(),
            None => return None,
        },
        Expression::Text(text) if is_interval(text) => format!("interval {}", literal(Some(text))),
        Expression::Text(text) => literal(Some(text)),
        Expression::Number(number) => format!("({number})"),
        Expression::Call(name, arguments) if name != "extract" => {
            let arguments: Option<Vec<String>> =
                arguments.iter().map(|a| sql(table, cells, a)).collect();
            format!("{name}({})", arguments?.join(", "))
        }
        Expression::Binary(operator, left, right)
            if ["+", "-", "*", "/", "%", "||"].contains(&operator.as_str()) =>
        {
            let (left, right) = (sql(table, cells, left)?, sql(table, cells, right)?);
            format!("({left} {operator} {right})")
        }
        _ => return None,
    })
}

/// `7 days`, `01:30:00`: the parser leaves casts out.
fn is_interval(text: &str) -> bool {
    const UNITS: &[&str] = &["day", "mon", "year", "hour", "min", "sec", "week"];
    let number = |word: &str| word.trim_start_matches(['-', '+']).parse::<f64>().is_ok();
    let mut words = text.split_whitespace();
    match (words.next(), words.next()) {
        (Some(count), Some(unit)) => number(count) && UNITS.iter().any(|u| unit.starts_with(u)),
        (Some(clock), None) => {
            clock.len() >= 8 && clock.split(':').count() == 3 && clock.split(':').all(number)
        }
        _ => false,
    }
}
