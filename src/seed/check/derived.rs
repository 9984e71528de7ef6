//! Conditions that tie a column to an expression over others, solved for the column.

use super::expression::Expression;
use super::limits::Derived;
use crate::model::schema::{Kind, Table};

/// Solves `left OP right` for a column: `closes >= opens + 7`, `a + b = 100`, `slug = lower(name)`.
pub fn read(
    table: &Table,
    left: &Expression,
    operator: &str,
    right: &Expression,
) -> Option<Derived> {
    if let Some(column) = column(table, left) {
        return solved(table, column, operator, right.clone());
    }
    if column(table, right).is_some() {
        return read(table, right, turned(operator), left);
    }
    let made = |operator: &str, a: &Expression, b: &Expression| {
        Expression::Binary(operator.into(), Box::new(a.clone()), Box::new(b.clone()))
    };
    match left {
        Expression::Binary(plus, a, b) if plus == "+" => match (column(table, a), column(table, b))
        {
            (_, Some(b)) => solved(table, b, operator, made("-", right, a)),
            (Some(a), _) => solved(table, a, operator, made("-", right, b)),
            _ => None,
        },
        Expression::Binary(minus, a, b) if minus == "-" => {
            match (column(table, a), column(table, b)) {
                (Some(a), _) => solved(table, a, operator, made("+", b, right)),
                (_, Some(b)) => solved(table, b, turned(operator), made("-", a, right)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn solved(table: &Table, column: usize, operator: &str, from: Expression) -> Option<Derived> {
    let beside = match operator {
        "=" | ">=" | "<=" => 0,
        ">" => 1,
        "<" => -1,
        _ => return None,
    };
    let steps = matches!(
        table.columns[column].kind,
        Kind::Integer(_)
            | Kind::Numeric(_)
            | Kind::Float
            | Kind::Date
            | Kind::Timestamp
            | Kind::Time
            | Kind::Interval
    );
    let compound = matches!(from, Expression::Binary(..) | Expression::Call(..));
    (compound && (beside == 0 || steps)).then_some(Derived {
        column,
        beside,
        from,
    })
}

fn turned(operator: &str) -> &str {
    match operator {
        "<" => ">",
        ">" => "<",
        "<=" => ">=",
        ">=" => "<=",
        same => same,
    }
}

fn column(table: &Table, expression: &Expression) -> Option<usize> {
    match expression {
        Expression::Name(name) => table.column(name),
        _ => None,
    }
}
