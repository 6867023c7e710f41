//! The walk over a rule that writes its condition.

use super::SqlOptions;
use crate::{
    error::{Detail, Error, Result},
    rule::{
        ast::{Literal, Operator, Rule},
        shape,
    },
};

pub(super) fn print(rule: &Rule, options: &SqlOptions) -> Result<String> {
    let mut printer = Printer {
        options,
        meter: shape::Meter::default(),
        out: String::new(),
    };
    printer.rule(rule, 1)?;
    Ok(printer.out)
}

struct Printer<'o> {
    options: &'o SqlOptions,
    meter: shape::Meter,
    out: String,
}

impl Printer<'_> {
    fn rule(&mut self, rule: &Rule, depth: usize) -> Result<()> {
        self.meter.enter(depth)?;
        match rule {
            Rule::All(children) => self.connective(children, "TRUE", " AND ", depth),
            Rule::Any(children) => self.connective(children, "FALSE", " OR ", depth),
            Rule::Not(child) => {
                self.out.push_str("NOT (");
                self.rule(child, depth + 1)?;
                self.out.push(')');
                Ok(())
            }
            Rule::Segment(key) => Err(Error::Unsupported(Detail::new(
                "segment",
                "must be expanded to its rule before SQL is written",
                key,
            ))),
            Rule::Compare { attr, op, value } => {
                let condition = self.comparison(attr, *op, &shape::normal(*op, value)?)?;
                self.out.push_str(&condition);
                Ok(())
            }
        }
    }

    /// Children joined; the unit alone when there are none, and the bare unit after an only child, so that
    /// [`Rule::parse_sql`] reads back exactly the syntax that was printed.
    fn connective(
        &mut self,
        children: &[Rule],
        unit: &str,
        joint: &str,
        depth: usize,
    ) -> Result<()> {
        for (i, child) in children.iter().enumerate() {
            if i > 0 {
                self.out.push_str(joint);
            }
            let grouped = matches!(child, Rule::All(_) | Rule::Any(_));
            if grouped {
                self.out.push('(');
            }
            self.rule(child, depth + 1)?;
            if grouped {
                self.out.push(')');
            }
        }
        if children.len() < 2 {
            if !children.is_empty() {
                self.out.push_str(joint);
            }
            self.out.push_str(unit);
        }
        Ok(())
    }

    fn comparison(&self, attr: &str, op: Operator, value: &Literal) -> Result<String> {
        use Operator as Op;
        let column = self.column(attr)?;
        Ok(match op {
            Op::IsMissing => format!("{column} IS NULL"),
            Op::IsPresent => format!("{column} IS NOT NULL"),
            Op::Eq => format!("{column} = {}", self.literal(value)),
            Op::Ne => format!("{column} <> {}", self.literal(value)),
            Op::In => format!("{column} IN ({})", self.items(value)),
            Op::NotIn => format!("{column} NOT IN ({})", self.items(value)),
            Op::Lt | Op::Lte | Op::Gt | Op::Gte => self.inequality(&column, op, value),
            Op::Between => self.between(&column, value),
            Op::WithinDays => return self.within_days(&column, value),
            Op::StartsWith | Op::EndsWith | Op::Contains => self.text_test(&column, op, value),
            Op::Has | Op::HasAny | Op::HasAll => {
                let dialect = self.options.dialect;
                dialect.list_test(op, &column, &self.literals(value))
            }
        })
    }

    /// The attribute's column: the schema's name for it, or its own.
    fn column(&self, attr: &str) -> Result<String> {
        let schema = self.options.schema.as_ref();
        let name = schema.and_then(|s| s.get(attr)?.column.as_deref());
        self.options.column(name.unwrap_or(attr))
    }

    fn literal(&self, value: &Literal) -> String {
        match value {
            Literal::None => "NULL".to_owned(),
            Literal::Boolean(true) => "TRUE".to_owned(),
            Literal::Boolean(false) => "FALSE".to_owned(),
            Literal::Number(x) => self.options.dialect.number(*x),
            Literal::Text(text) => self.options.dialect.text(text),
            Literal::List(_) => self.items(value),
        }
    }

    /// The literals of a list, or the one literal.
    fn literals(&self, value: &Literal) -> Vec<String> {
        match value {
            Literal::List(items) => items.iter().map(|item| self.literal(item)).collect(),
            one => vec![self.literal(one)],
        }
    }

    fn items(&self, value: &Literal) -> String {
        self.literals(value).join(", ")
    }

    /// Both sides of an inequality: numbers as they are, text as instants.
    fn sides(&self, column: &str, bound: &Literal) -> (String, String) {
        let dialect = self.options.dialect;
        match bound {
            Literal::Text(text) => (dialect.instant_column(column), dialect.instant(text)),
            number => (column.to_owned(), self.literal(number)),
        }
    }

    fn inequality(&self, column: &str, op: Operator, value: &Literal) -> String {
        let symbol = match op {
            Operator::Lt => "<",
            Operator::Lte => "<=",
            Operator::Gt => ">",
            _ => ">=",
        };
        let (left, right) = self.sides(column, value);
        format!("{left} {symbol} {right}")
    }

    fn between(&self, column: &str, value: &Literal) -> String {
        let Literal::List(bounds) = value else {
            return String::new();
        };
        let (left, _) = self.sides(column, &bounds[0]);
        let bounds: Vec<String> = bounds.iter().map(|b| self.sides(column, b).1).collect();
        format!("{left} BETWEEN {}", bounds.join(" AND "))
    }

    fn within_days(&self, column: &str, value: &Literal) -> Result<String> {
        let Literal::Number(days) = value else {
            return Ok(String::new());
        };
        let Some(now) = self.options.now else {
            return Err(Error::MissingField(Detail::new(
                "now",
                "is required: the rule uses within_days",
                "nothing",
            )));
        };
        let dialect = self.options.dialect;
        let now = shape::printable(now).map_err(|e| e.at("now"))?;
        let now = dialect.instant(&now.to_string());
        let low = dialect.instant_before(&now, shape::day_micros(*days));
        let column = dialect.instant_column(column);
        Ok(format!("{column} BETWEEN {low} AND {now}"))
    }

    fn text_test(&self, column: &str, op: Operator, value: &Literal) -> String {
        let length = match value {
            Literal::Text(text) => text.chars().count(),
            _ => 0,
        };
        let dialect = self.options.dialect;
        dialect.text_test(op, column, &self.literal(value), length)
    }
}
