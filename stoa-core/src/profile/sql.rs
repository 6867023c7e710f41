//! The query whose rows [`profile_sums`](super::profile_sums) reads.

use super::{
    Options,
    build::located,
    grouped::{N, Part, families, member},
};
use crate::{
    catalog::Family,
    error::{Detail, Error, Result},
    rule::{Dialect, SqlOptions},
    segment::Segments,
    value::AttributeType,
};

/// The query that sums a table of visitors for a profile: one row per pattern of memberships.
///
/// Run it in the warehouse and hand its rows to [`profile_sums`](super::profile_sums): the profile is the same as from
/// the table's own rows, to 1e-12. `table` is a name, with dots between schema and table. A column of the query whose name
/// would be over 63 bytes is named by its first 44 and a hash, the same in every dialect. An outcome that is a boolean
/// column must be declared so in the schema where the dialect does not cast booleans to numbers.
///
/// # Errors
/// [`Error::MissingField`] for an outcome without a family, [`Error::Conflict`] for two columns of one name,
/// [`Error::OutOfRange`] for a table, column or outcome whose name the dialect cannot hold, and what
/// [`Rule::to_sql`](crate::rule::Rule::to_sql) refuses.
///
/// # Example
/// ```
/// use stoa_core::profile::{Options, Outcome, profile_sql};
/// use stoa_core::{rule::{Dialect, Rule}, segment::{Segment, Segments}};
/// let big = Segments::new(vec![Segment::new("big", Rule::parse_sql("spend > 100")?)?])?;
/// let options = Options {
///     outcomes: [("conversion_rate".to_owned(), Outcome::new("bought"))].into(),
///     ..Options::default()
/// };
/// let sql = profile_sql("shop.visitors", &big, &options, Dialect::Duckdb)?;
/// assert!(sql.contains(r#"("spend" > 100) AS "segment__big""#));
/// assert!(sql.contains(r#"FROM "shop"."visitors""#));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn profile_sql(
    table: &str,
    segments: &Segments,
    options: &Options<'_>,
    dialect: Dialect,
) -> Result<String> {
    options.check(segments)?;
    let families = families(options)?;
    let rules = SqlOptions {
        dialect,
        alias: None,
        now: options.now,
        schema: options.schema.cloned(),
    };
    let mut names = vec![N.to_owned()];
    let (mut inner, mut outer) = (Vec::new(), Vec::new());
    let mut keys = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        let at = |error: Error| located(error, i);
        let rule = segments.expand(&segment.rule).map_err(at)?;
        let name = member(&segment.key);
        let quoted = dialect.identifier(&name);
        inner.push(format!(
            "({}) AS {quoted}",
            rule.to_sql(&rules).map_err(at)?
        ));
        keys.push(quoted);
        names.push(name);
    }
    for (i, (name, family)) in families.iter().enumerate() {
        let value = dialect.identifier(&format!("value__{i}"));
        inner.push(format!("{} AS {value}", cast(name, options, dialect)?));
        for part in Part::of(*family) {
            let column = part.column(name);
            let sum = summed(*part, *family, &value);
            dialect.check_name(&format!("outcomes.{name}"), &column)?;
            outer.push(format!("sum({sum}) AS {}", dialect.identifier(&column)));
            names.push(column);
        }
    }
    refuse_twice(names, dialect)?;
    if inner.is_empty() {
        inner.push("1 AS one".to_owned());
    }
    let counted = format!("count(*) AS {}", dialect.identifier(N));
    let columns: Vec<String> = keys.iter().cloned().chain([counted]).chain(outer).collect();
    let from = from(table, dialect)?;
    let rows = format!("SELECT {} FROM {from}", inner.join(", "));
    let query = format!("SELECT {} FROM ({rows}) AS visitors", columns.join(", "));
    Ok(if keys.is_empty() {
        query
    } else {
        format!("{query} GROUP BY {}", keys.join(", "))
    })
}

/// The table, quoted part by part.
fn from(table: &str, dialect: Dialect) -> Result<String> {
    let part = |part| {
        dialect
            .check_name("table", part)
            .map(|()| dialect.identifier(part))
    };
    let parts: Result<Vec<String>> = table.split('.').map(part).collect();
    Ok(parts?.join("."))
}

/// An outcome's column as a double.
fn cast(name: &str, options: &Options<'_>, dialect: Dialect) -> Result<String> {
    let column = options.outcomes.get(name).map_or(name, |o| &o.column);
    let declared = options.schema.and_then(|schema| schema.0.get(column));
    let source = declared.and_then(|a| a.column.as_deref()).unwrap_or(column);
    dialect.check_name(&format!("outcomes.{name}.column"), source)?;
    let quoted = dialect.identifier(source);
    if declared.is_some_and(|a| a.kind == AttributeType::Boolean) {
        return Ok(format!(
            "CASE WHEN {quoted} THEN 1 WHEN NOT {quoted} THEN 0 END"
        ));
    }
    Ok(format!("CAST({quoted} AS {})", dialect.double()))
}

/// What is summed, row by row; a comparison with NULL or NaN is never true of what is allowed.
fn summed(part: Part, family: Family, x: &str) -> String {
    match part {
        Part::Refused => {
            let allowed = match family {
                Family::Binary => format!("{x} IN (0, 1)"),
                Family::Count => {
                    format!("{x} >= 0 AND {x} <= 9007199254740992 AND {x} = floor({x})")
                }
                Family::Mean | Family::Ordinal => format!("{x} >= -1e100 AND {x} <= 1e100"),
                Family::Positive | Family::Hurdle => format!("{x} >= 0 AND {x} <= 1e100"),
            };
            format!("CASE WHEN {allowed} THEN 0 ELSE 1 END")
        }
        Part::Hits => format!("CASE WHEN {x} > 0 THEN 1 ELSE 0 END"),
        Part::Sum => x.to_owned(),
        Part::SumSq => format!("{x} * {x}"),
        Part::SumLog => format!("CASE WHEN {x} > 0 THEN ln({x}) END"),
        Part::SumLogSq => format!("CASE WHEN {x} > 0 THEN ln({x}) * ln({x}) END"),
    }
}

/// Names of one column, in dialects that do not tell capitals from small letters also when they differ by these.
fn refuse_twice(mut names: Vec<String>, dialect: Dialect) -> Result<()> {
    if !matches!(dialect, Dialect::Postgres | Dialect::Snowflake) {
        for name in &mut names {
            *name = name.to_lowercase();
        }
    }
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => {
            let rule = "must name one column of the query: rename the outcome or the segment";
            Err(Error::Conflict(Detail::new("outcomes", rule, &pair[0])))
        }
    }
}
