//! Where an `AND` or `OR` stands: between the conditions of a rule, or inside one.
//!
//! The conditions of a rule are taken apart in a loop, however many. A chain inside one, `(a AND b …) IS NULL`, is
//! walked recursively by `sqlparser`, so its length is bounded like that of any condition.

use sqlparser::{keywords::Keyword, tokenizer::Token};

/// The brackets around the token at hand, and what came before it.
#[derive(Debug)]
pub(super) struct Places {
    /// For each open bracket: the joints in it if it groups conditions, none if it belongs to one.
    brackets: Vec<Option<usize>>,
    /// How many brackets were open at each `BETWEEN` that waits for its `AND`.
    betweens: Vec<usize>,
    /// The joints in the bracket that the token before closed.
    closed: usize,
    /// Whether a condition may begin here, so that a bracket groups.
    begins: bool,
    /// Whether a word came after which nothing is a rule's: `CASE`, `SELECT`, a lambda's arrow.
    foreign: bool,
}

impl Places {
    pub(super) fn new() -> Self {
        Self {
            brackets: Vec::new(),
            betweens: Vec::new(),
            closed: 0,
            begins: true,
            foreign: false,
        }
    }

    /// Takes the next token; how many joints it shows to lie inside one condition: none for a joint between two.
    pub(super) fn inside(&mut self, token: &Token) -> usize {
        let after = std::mem::take(&mut self.closed);
        let begins = std::mem::take(&mut self.begins);
        let keyword = match token {
            Token::Word(word) => word.keyword,
            _ => Keyword::NoKeyword,
        };
        match token {
            _ if matches!(keyword, Keyword::AND | Keyword::OR) => return self.joint(keyword),
            Token::LParen => {
                let groups = begins && self.groups();
                self.brackets.push(groups.then_some(0));
                self.begins = groups;
            }
            Token::LBracket | Token::LBrace => self.brackets.push(None),
            Token::RParen | Token::RBracket | Token::RBrace => {
                self.closed = self.brackets.pop().flatten().unwrap_or(0);
                if let Some(Some(outer)) = self.brackets.last_mut() {
                    *outer += self.closed;
                }
                return 0;
            }
            // A list of conditions is no condition.
            Token::Comma => return self.brackets.last_mut().and_then(Option::take).unwrap_or(0),
            Token::Arrow => self.foreign = true,
            _ => match keyword {
                Keyword::NOT => self.begins = begins,
                Keyword::BETWEEN => self.betweens.push(self.brackets.len()),
                Keyword::CASE | Keyword::SELECT | Keyword::FROM | Keyword::WHERE => {
                    self.foreign = true;
                }
                _ => {}
            },
        }
        after
    }

    /// Whether the token at hand is in no bracket, or in those that group alone.
    fn groups(&self) -> bool {
        !self.foreign && self.brackets.last().is_none_or(Option::is_some)
    }

    fn joint(&mut self, keyword: Keyword) -> usize {
        let range = keyword == Keyword::AND && self.betweens.last() == Some(&self.brackets.len());
        if range {
            self.betweens.pop();
        }
        self.begins = !range && self.groups();
        if let (true, Some(Some(joints))) = (self.begins, self.brackets.last_mut()) {
            *joints += 1;
        }
        usize::from(!self.begins)
    }
}
