//! The tokens of an expression as Postgres prints it.

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Word(String),
    Quoted(String),
    Text(String),
    Number(f64),
    Operator(String),
    Open,
    Close,
    OpenArray,
    CloseArray,
    Comma,
    Dot,
    Cast,
}

/// The tokens of a text; `None` where something in it is not understood.
pub fn tokenise(text: &str) -> Option<Vec<Token>> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        match c {
            _ if c.is_whitespace() => at += 1,
            '(' => push(&mut tokens, Token::Open, &mut at),
            ')' => push(&mut tokens, Token::Close, &mut at),
            '[' => push(&mut tokens, Token::OpenArray, &mut at),
            ']' => push(&mut tokens, Token::CloseArray, &mut at),
            ',' => push(&mut tokens, Token::Comma, &mut at),
            ':' if next == Some(':') => {
                tokens.push(Token::Cast);
                at += 2;
            }
            'E' if next == Some('\'') => {
                at += 1;
                let text = quoted(&chars, &mut at, '\'')?;
                tokens.push(Token::Text(text.replace("\\\\", "\\")));
            }
            '\'' => {
                let text = quoted(&chars, &mut at, '\'')?;
                tokens.push(Token::Text(text));
            }
            '"' => {
                let name = quoted(&chars, &mut at, '"')?;
                tokens.push(Token::Quoted(name));
            }
            _ if c.is_ascii_digit() => {
                let number = take(&chars, &mut at, |c| c.is_ascii_digit() || c == '.');
                tokens.push(Token::Number(number.parse().ok()?));
            }
            _ if c.is_alphabetic() || c == '_' => {
                tokens.push(Token::Word(take(&chars, &mut at, |c| {
                    c.is_alphanumeric() || c == '_' || c == '$'
                })));
            }
            '.' => push(&mut tokens, Token::Dot, &mut at),
            _ => {
                let operator = take(&chars, &mut at, |c| "+-*/<>=~!@#%^&|?".contains(c));
                if operator.is_empty() {
                    return None;
                }
                tokens.push(Token::Operator(operator));
            }
        }
    }
    Some(tokens)
}

fn push(tokens: &mut Vec<Token>, token: Token, at: &mut usize) {
    tokens.push(token);
    *at += 1;
}

fn take(chars: &[char], at: &mut usize, while_: impl Fn(char) -> bool) -> String {
    let start = *at;
    while chars.get(*at).is_some_and(|c| while_(*c)) {
        *at += 1;
    }
    chars[start..*at].iter().collect()
}

/// A quoted text from its opening quote on; doubled quotes stand for one.
fn quoted(chars: &[char], at: &mut usize, quote: char) -> Option<String> {
    let mut out = String::new();
    *at += 1;
    loop {
        let c = *chars.get(*at)?;
        *at += 1;
        if c != quote {
            out.push(c);
        } else if chars.get(*at) == Some(&quote) {
            out.push(quote);
            *at += 1;
        } else {
            return Some(out);
        }
    }
}
