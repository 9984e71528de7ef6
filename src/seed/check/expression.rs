//! A small parser for expressions as Postgres prints them (`pg_get_constraintdef`): fully parenthesised, with casts.

use super::token::{Token, tokenise};

/// An expression, casts left out.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A column, or a word without parentheses such as `CURRENT_DATE`.
    Name(String),
    /// A string.
    Text(String),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `NULL`.
    Null,
    /// `ARRAY[…]`.
    Array(Vec<Expression>),
    /// A function and its arguments, its name in lower case.
    Call(String, Vec<Expression>),
    /// A binary operator.
    Binary(String, Box<Expression>, Box<Expression>),
    /// `left OP ANY (right)`.
    Any(String, Box<Expression>, Box<Expression>),
    /// `left OP ALL (right)`.
    All(String, Box<Expression>, Box<Expression>),
    /// `NOT …`.
    Not(Box<Expression>),
    /// `… IS NULL`, or `IS NOT NULL` where false.
    IsNull(Box<Expression>, bool),
    /// `… AND …`.
    And(Vec<Expression>),
    /// `… OR …`.
    Or(Vec<Expression>),
}

/// Reads `CHECK (…)`; `None` where something in it is not understood.
pub fn parse(definition: &str) -> Option<Expression> {
    let inner = definition.trim().strip_prefix("CHECK")?.trim();
    let inner = inner
        .trim_end_matches("NOT VALID")
        .trim_end()
        .trim_end_matches("NO INHERIT")
        .trim_end();
    let mut parser = Parser {
        tokens: tokenise(inner)?,
        at: 0,
    };
    let expression = parser.or()?;
    (parser.at == parser.tokens.len()).then_some(expression)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn word(&mut self, word: &str) -> bool {
        let hit = matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(hit);
        hit
    }

    fn token(&mut self, token: &Token) -> bool {
        let hit = self.peek() == Some(token);
        self.at += usize::from(hit);
        hit
    }

    fn or(&mut self) -> Option<Expression> {
        let mut parts = vec![self.and()?];
        while self.word("OR") {
            parts.push(self.and()?);
        }
        Some(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Expression::Or(parts)
        })
    }

    fn and(&mut self) -> Option<Expression> {
        let mut parts = vec![self.not()?];
        while self.word("AND") {
            parts.push(self.not()?);
        }
        Some(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Expression::And(parts)
        })
    }

    fn not(&mut self) -> Option<Expression> {
        if self.word("NOT") {
            return Some(Expression::Not(Box::new(self.not()?)));
        }
        self.is()
    }

    fn is(&mut self) -> Option<Expression> {
        let mut left = self.binary()?;
        while self.word("IS") {
            let not = self.word("NOT");
            left = if self.word("NULL") {
                Expression::IsNull(Box::new(left), !not)
            } else if self.word("TRUE") || self.word("FALSE") {
                let said = matches!(&self.tokens[self.at - 1], Token::Word(w) if w.eq_ignore_ascii_case("true"));
                Expression::Binary(
                    "=".into(),
                    Box::new(left),
                    Box::new(Expression::Bool(said != not)),
                )
            } else if self.word("DISTINCT") && self.word("FROM") {
                let operator = if not { "=" } else { "<>" };
                Expression::Binary(operator.into(), Box::new(left), Box::new(self.binary()?))
            } else {
                return None;
            };
        }
        Some(left)
    }

    /// Operators of one level: Postgres prints the parentheses.
    fn binary(&mut self) -> Option<Expression> {
        let mut left = self.postfix()?;
        while let Some(Token::Operator(operator)) = self.peek().cloned() {
            self.at += 1;
            left = if self.word("ANY") {
                Expression::Any(operator, Box::new(left), Box::new(self.postfix()?))
            } else if self.word("ALL") {
                Expression::All(operator, Box::new(left), Box::new(self.postfix()?))
            } else {
                Expression::Binary(operator, Box::new(left), Box::new(self.postfix()?))
            };
        }
        Some(left)
    }

    fn postfix(&mut self) -> Option<Expression> {
        let inner = self.primary()?;
        while self.token(&Token::Cast) {
            self.type_name()?;
        }
        Some(inner)
    }

    /// Skips a type's name: `character varying(20)[]`, `timestamp without time zone`.
    fn type_name(&mut self) -> Option<()> {
        const INSIDE: &[&str] = &["varying", "precision", "with", "without", "time", "zone"];
        match self.peek()? {
            Token::Word(_) | Token::Quoted(_) => self.at += 1,
            _ => return None,
        }
        while matches!(self.peek(), Some(Token::Word(w)) if INSIDE.contains(&w.as_str())) {
            self.at += 1;
        }
        // `public.kind`
        if self.token(&Token::Dot) {
            self.at += 1;
        }
        if matches!(
            (self.peek(), self.tokens.get(self.at + 1)),
            (Some(Token::Open), Some(Token::Number(_)))
        ) {
            while !self.token(&Token::Close) {
                self.at += 1;
                self.peek()?;
            }
        }
        while self.token(&Token::OpenArray) {
            self.token(&Token::CloseArray).then_some(())?;
        }
        Some(())
    }

    fn primary(&mut self) -> Option<Expression> {
        let token = self.peek()?.clone();
        self.at += 1;
        if matches!(token, Token::Word(_) | Token::Quoted(_)) && self.token(&Token::Dot) {
            // What a schema or table holds is told by its last name.
            return self.primary();
        }
        match token {
            Token::Open => {
                let inner = self.or()?;
                self.token(&Token::Close).then_some(inner)
            }
            Token::Text(text) => Some(Expression::Text(text)),
            Token::Number(number) => Some(Expression::Number(number)),
            Token::Quoted(name) => Some(Expression::Name(name)),
            Token::Operator(sign) if sign == "-" => match self.postfix()? {
                Expression::Number(number) => Some(Expression::Number(-number)),
                _ => None,
            },
            Token::Word(word) => self.named(&word),
            _ => None,
        }
    }

    fn named(&mut self, word: &str) -> Option<Expression> {
        match word.to_ascii_lowercase().as_str() {
            "true" => return Some(Expression::Bool(true)),
            "false" => return Some(Expression::Bool(false)),
            "null" => return Some(Expression::Null),
            "array" if self.token(&Token::OpenArray) => {
                return Some(Expression::Array(self.list(&Token::CloseArray)?));
            }
            "case" => return self.counted(),
            "select" | "exists" => return None,
            _ => {}
        }
        if self.token(&Token::Open) {
            return Some(Expression::Call(
                word.to_ascii_lowercase(),
                self.list(&Token::Close)?,
            ));
        }
        Some(Expression::Name(word.to_owned()))
    }

    /// `CASE WHEN … THEN 1 ELSE 0 END`: the condition as a number.
    fn counted(&mut self) -> Option<Expression> {
        let one = |number: f64| Some(Expression::Number(number));
        self.word("WHEN").then_some(())?;
        let condition = self.or()?;
        self.word("THEN").then_some(())?;
        let then = self.postfix();
        self.word("ELSE").then_some(())?;
        let otherwise = self.postfix();
        let counts = then == one(1.0) && otherwise == one(0.0) && self.word("END");
        counts.then_some(condition)
    }

    fn list(&mut self, end: &Token) -> Option<Vec<Expression>> {
        let mut items = Vec::new();
        if self.token(end) {
            return Some(items);
        }
        loop {
            // `TRIM(BOTH FROM name)`, `EXTRACT(year FROM day)`.
            for word in ["BOTH", "LEADING", "TRAILING", "FROM"] {
                self.word(word);
            }
            items.push(self.or()?);
            if self.token(end) {
                return Some(items);
            }
            if !self.token(&Token::Comma)
                && !matches!(self.peek(), Some(Token::Word(w)) if w == "FROM")
            {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_postgres_prints_are_read() {
        for definition in [
            "CHECK (((status)::text = ANY ((ARRAY['open'::character varying, 'closed'::character varying])::text[])))",
            "CHECK (((amount >= (0)::numeric) AND (rating <= 5)))",
            "CHECK (((\"startAt\" IS NULL) OR (\"startAt\" < \"endAt\")))",
            "CHECK ((length(TRIM(BOTH FROM name)) > 0))",
            "CHECK (((price)::numeric(10,2) > '-1'::integer)) NOT VALID",
            "CHECK ((slug ~ '^[a-z''0-9]+$'::text))",
            "CHECK ((num_nonnulls(a, b) = 1))",
            "CHECK ((at > '2020-01-01 00:00:00'::timestamp without time zone))",
            "CHECK ((kind = 'a'::public.kind))",
            "CHECK (((a IS NOT NULL) <> (b IS NOT NULL)))",
        ] {
            assert!(parse(definition).is_some(), "{definition}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for definition in [
            "CHECK (CASE WHEN a THEN b END)",
            "CHECK ((a",
            "CHECK ((a = 'x))",
            "",
        ] {
            assert!(parse(definition).is_none(), "{definition}");
        }
    }
}
