//! Text to tokens: what a backslash in a text means, and how many tokens there may be.

use sqlparser::{
    dialect::{Dialect, GenericDialect},
    keywords::Keyword,
    tokenizer::{Token, TokenWithSpan, Tokenizer},
};

use super::{places::Places, refuse_at};
use crate::{
    error::{Detail, Error, Result},
    rule::shape,
};

/// Brackets open at once, and `NOT`s in a row: more than the deepest rule needs.
const MAX_NESTING: usize = 2 * shape::MAX_DEPTH;
/// `sqlparser`'s own count of open expressions, several for each bracket, so that [`MAX_NESTING`] speaks first.
pub(super) const RECURSION: usize = 4 * MAX_NESTING;
/// Tokens of one condition, its operands in lists aside. `a - a - a` nests once for each, and what walks or drops
/// `sqlparser`'s tree does so recursively: this and the count of `AND`s and `OR`s bound the stack.
const MAX_CONDITION: usize = 4 * MAX_NESTING;

/// Tokens of a condition, few enough for the parser's stack.
///
/// The databases that quote names in backticks (`BigQuery`, Spark, `MySQL`) begin an escape with a backslash, those that
/// use double quotes do not (`DuckDB`, `PostgreSQL`) or are read as if they did not (Snowflake). So the first quotation
/// mark tells: every form that is printed has the name before the text.
pub(super) fn tokens(text: &str) -> Result<Vec<TokenWithSpan>> {
    let first = text.chars().find(|c| matches!(c, '`' | '"' | '\''));
    let tokens = match first {
        Some('`') => Tokenizer::new(&Backslashes, text).tokenize_with_location(),
        _ => Tokenizer::new(&GenericDialect {}, text).tokenize_with_location(),
    };
    let tokens = tokens.map_err(|e| refuse_at(e.location, &e.message, text))?;
    check_nesting(&tokens)?;
    check_operators(&tokens)?;
    Ok(tokens)
}

fn check_nesting(tokens: &[TokenWithSpan]) -> Result<()> {
    let (mut brackets, mut prefix) = (0_usize, 0_usize);
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::LParen | Token::LBracket => {
                brackets += 1;
                prefix += 1;
            }
            Token::Word(word) if word.keyword == Keyword::NOT => prefix += 1,
            Token::Minus | Token::Plus => prefix += 1,
            Token::RParen | Token::RBracket => {
                brackets = brackets.saturating_sub(1);
                prefix = 0;
            }
            _ => prefix = 0,
        }
        if brackets.max(prefix) > MAX_NESTING {
            return Err(too_deep());
        }
    }
    Ok(())
}

pub(super) fn too_deep() -> Error {
    let rule = format!("must nest at most {} deep", shape::MAX_DEPTH);
    Error::TooLarge(Detail::new("", rule, "more"))
}

fn check_operators(tokens: &[TokenWithSpan]) -> Result<()> {
    let (mut joints, mut length) = (0_usize, 0_usize);
    let (mut begins_element, mut casts) = (false, false);
    let mut places = Places::new();
    for token in tokens {
        let keyword = match &token.token {
            Token::Whitespace(_) => continue,
            Token::Word(word) => word.keyword,
            _ => Keyword::NoKeyword,
        };
        let inside = places.inside(&token.token);
        length += inside;
        match &token.token {
            _ if matches!(keyword, Keyword::AND | Keyword::OR) => {
                joints += 1;
                if inside == 0 {
                    length = 0;
                }
            }
            // A cast in a list, `CAST('0.5' AS FLOAT)`, nests no deeper than its bracket, which is counted elsewhere.
            Token::LParen if casts => {}
            _ if matches!(keyword, Keyword::AS | Keyword::FLOAT) => {}
            Token::LParen | Token::LBracket => length += 1,
            Token::RParen | Token::Comma | Token::Number(..) | Token::SingleQuotedString(_) => {}
            _ if begins_element => {}
            _ => length += 1,
        }
        casts = keyword == Keyword::CAST;
        begins_element = matches!(token.token, Token::LParen | Token::LBracket | Token::Comma);
        // Two joints a condition, since BETWEEN has an AND of its own.
        let rule = if joints > 2 * shape::MAX_NODES {
            format!("must have at most {} conditions", shape::MAX_NODES)
        } else if length > MAX_CONDITION {
            format!("must have conditions of at most {MAX_CONDITION} words and signs, lists aside")
        } else {
            continue;
        };
        return Err(Error::TooLarge(Detail::new("", rule, "more")));
    }
    Ok(())
}

/// [`GenericDialect`], with escapes in texts.
#[derive(Debug)]
struct Backslashes;

impl Dialect for Backslashes {
    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        GenericDialect {}.is_delimited_identifier_start(ch)
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        GenericDialect {}.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        GenericDialect {}.is_identifier_part(ch)
    }

    fn supports_string_literal_backslash_escape(&self) -> bool {
        true
    }
}
