//! Makes the columns of a draft that checks compare with each other agree.

use std::collections::BTreeMap;

use super::draft::Cell;
use crate::model::schema::{Kind, Table};
use crate::seed::check::{Compare, TableLimits};

/// Makes columns that are compared with each other agree.
pub fn agree(
    table: &Table,
    limits: &TableLimits,
    fixed: &BTreeMap<usize, Cell>,
    cells: &mut [Cell],
) {
    for &(a, how, b) in &limits.pairs {
        let (Some(x), Some(y)) = (
            cells[a].text().map(str::to_owned),
            cells[b].text().map(str::to_owned),
        ) else {
            continue;
        };
        let order = match table.columns[a].kind {
            Kind::Integer(_) | Kind::Numeric(_) | Kind::Float => x
                .parse::<f64>()
                .ok()
                .zip(y.parse::<f64>().ok())
                .and_then(|(x, y)| x.partial_cmp(&y)),
            _ => Some(x.cmp(&y)),
        };
        let wrong = match (how, order) {
            (Compare::Less, Some(o)) => o.is_ge(),
            (Compare::LessOrEqual, Some(o)) => o.is_gt(),
            (Compare::Equal, Some(o)) => o.is_ne(),
            (Compare::Differ, Some(o)) => o.is_eq(),
            (_, None) => false,
        };
        if !wrong {
            continue;
        }
        match how {
            Compare::Less | Compare::LessOrEqual if x != y => cells.swap(a, b),
            Compare::Equal if !fixed.contains_key(&a) => cells[a] = cells[b].clone(),
            // The same day, or the same parent: what may be absent is, and the database has the last word on the rest.
            _ if !table.columns[b].not_null && !fixed.contains_key(&b) => cells[b] = Cell::Null,
            _ if !table.columns[a].not_null && !fixed.contains_key(&a) => cells[a] = Cell::Null,
            _ => {}
        }
    }
}
