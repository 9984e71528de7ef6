//! Conditions that count which columns are set: `(a IS NOT NULL)::int + (b IS NOT NULL)::int = 1`.

use super::expression::Expression;
use crate::model::schema::Table;

/// The columns of which one shall be set, wherever one is enough and not too many.
pub fn read(
    table: &Table,
    counted: &Expression,
    operator: &str,
    number: Option<f64>,
) -> Option<Vec<usize>> {
    let number = number?;
    let is = |n: f64| (number - n).abs() < 0.5;
    let one = match operator {
        "=" | ">=" | "<=" => is(1.0),
        ">" => is(0.0),
        "<" => is(2.0),
        _ => false,
    };
    one.then(|| columns(table, counted)).flatten()
}

fn columns(table: &Table, counted: &Expression) -> Option<Vec<usize>> {
    match counted {
        Expression::Binary(plus, left, right) if plus == "+" => {
            let (left, right) = (columns(table, left)?, columns(table, right)?);
            Some([left, right].concat())
        }
        Expression::IsNull(column, false) => match &**column {
            Expression::Name(name) => Some(vec![table.column(name)?]),
            _ => None,
        },
        _ => None,
    }
}
