//! A refusal that an attribute's name brought about because it is also a word of SQL: `user = 'x'`, `interval > 2`.

use sqlparser::{
    keywords::Keyword,
    tokenizer::{Token, TokenWithSpan},
};

use super::{place, tokens};
use crate::{error::Error, rule::ast::Rule};

/// The same error, with the advice to quote the word it stands at or after, if what follows is understood then.
pub(super) fn explain(error: Error, text: &str) -> Error {
    let Error::UnsupportedSql(mut detail) = error else {
        return error;
    };
    if let Ok(mut tokens) = tokens::tokens(text)
        && let Some(word) = quote_word_at(&mut tokens, &detail.field)
        && understood_beyond(tokens, text, &detail.field)
    {
        detail.hint = Some(format!(
            "`{word}` is a word of SQL: quote it if it is an attribute, \"{word}\""
        ));
    }
    Error::UnsupportedSql(detail)
}

/// Quotes the word of SQL that stands at `field`, or the one just before, where an attribute could stand.
fn quote_word_at(tokens: &mut [TokenWithSpan], field: &str) -> Option<String> {
    let solid = |token: &TokenWithSpan| !matches!(token.token, Token::Whitespace(_));
    let places: Vec<usize> = (0..tokens.len()).filter(|i| solid(&tokens[*i])).collect();
    let here = places
        .iter()
        .position(|i| place(tokens[*i].span.start) == field)?;
    let candidates = [Some(here), here.checked_sub(1)];
    let found = candidates.into_iter().flatten().find(|at| {
        let next = places.get(at + 1).map(|i| &tokens[*i].token);
        is_reserved(&tokens[places[*at]].token) && next.is_none_or(follows_attribute)
    })?;
    let Token::Word(word) = &mut tokens[places[found]].token else {
        return None;
    };
    word.quote_style = Some('"');
    word.keyword = Keyword::NoKeyword;
    Some(word.value.clone())
}

fn is_reserved(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.keyword != Keyword::NoKeyword)
}

/// Whether a condition can go on with it after an attribute.
fn follows_attribute(token: &Token) -> bool {
    use Keyword as K;
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            K::AND | K::OR | K::NOT | K::IS | K::IN | K::LIKE | K::BETWEEN
        ),
        sign => matches!(
            sign,
            Token::Eq
                | Token::Neq
                | Token::Lt
                | Token::LtEq
                | Token::Gt
                | Token::GtEq
                | Token::RParen
                | Token::Comma
        ),
    }
}

fn understood_beyond(tokens: Vec<TokenWithSpan>, text: &str, field: &str) -> bool {
    match Rule::parse_tokens(tokens, text) {
        Ok(_) => true,
        Err(error) => error.detail().is_some_and(|found| found.field != field),
    }
}
