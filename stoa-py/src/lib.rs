//! Python binding: converts and nothing else. Every decision and every number is the core's.
//!
//! One file per room; `argument`, `convert` and `table` are how arguments, Python values and data frames come in,
//! `errors` how refusals go out. What is said about a class to its user stands in its docstring here, its types in
//! `_stoa.pyi`.
#![expect(
    clippy::doc_markdown,
    clippy::doc_link_with_quotes,
    reason = "the comments of classes and functions are Python docstrings with doctests"
)]

mod analysis;
mod argument;
mod catalog;
mod columns;
mod convert;
mod decision;
mod discover;
mod effect;
mod engine;
mod errors;
mod experiment;
mod explanation;
mod features;
mod forest;
mod hierarchy;
mod migrate;
mod paired;
mod plan;
mod policy;
mod posterior;
mod profile;
mod quantile;
mod registry;
mod replay;
mod rule;
mod schema;
mod segment;
mod table;
mod units;
mod visitor;

use pyo3::prelude::*;

/// The compiled half of the package `stoa`.
#[pymodule]
fn _stoa(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<rule::PyRule>()?;
    module.add_class::<schema::PyAttributeSchema>()?;
    module.add_class::<segment::PySegment>()?;
    module.add_class::<experiment::PyStore>()?;
    module.add_class::<experiment::PyExperiment>()?;
    module.add_function(wrap_pyfunction!(catalog::catalog_surfaces, module)?)?;
    module.add_function(wrap_pyfunction!(catalog::catalog_metrics, module)?)?;
    module.add_function(wrap_pyfunction!(
        experiment::experiment_json_schema,
        module
    )?)?;
    module.add_function(wrap_pyfunction!(schema::rule_json_schema, module)?)?;
    module.add_function(wrap_pyfunction!(schema::segment_json_schema, module)?)?;
    module.add_function(wrap_pyfunction!(schema::attributes_json_schema, module)?)?;
    module.add_class::<posterior::PyComparison>()?;
    module.add_class::<effect::PyEffect>()?;
    module.add_class::<effect::PyLoss>()?;
    module.add_class::<effect::PyDecomposition>()?;
    module.add_class::<effect::PyPart>()?;
    module.add_function(wrap_pyfunction!(posterior::compare, module)?)?;
    module.add_function(wrap_pyfunction!(posterior::summarize, module)?)?;
    module.add_function(wrap_pyfunction!(posterior::best_arm, module)?)?;
    module.add_function(wrap_pyfunction!(paired::pair_up, module)?)?;
    module.add_function(wrap_pyfunction!(paired::cuped, module)?)?;
    module.add_function(wrap_pyfunction!(paired::ratio, module)?)?;
    module.add_class::<quantile::PyQuantileComparison>()?;
    module.add_function(wrap_pyfunction!(quantile::quantile_comparison, module)?)?;
    module.add_class::<hierarchy::PyDistribution>()?;
    module.add_function(wrap_pyfunction!(hierarchy::hierarchical, module)?)?;
    module.add_function(wrap_pyfunction!(hierarchy::prior_from, module)?)?;
    module.add_class::<forest::PyEffects>()?;
    module.add_class::<forest::PyFittedForest>()?;
    module.add_function(wrap_pyfunction!(forest::fit_forest, module)?)?;
    module.add_function(wrap_pyfunction!(forest::doubly_robust, module)?)?;
    module.add_class::<policy::PyFittedPolicy>()?;
    module.add_function(wrap_pyfunction!(policy::fit_policy, module)?)?;
    module.add_class::<engine::PyEngine>()?;
    module.add_class::<decision::PyDecision>()?;
    module.add_class::<explanation::PyExplanation>()?;
    module.add_class::<replay::PyReplay>()?;
    module.add_class::<analysis::PyAnalysis>()?;
    module.add_function(wrap_pyfunction!(analysis::analyze, module)?)?;
    module.add_function(wrap_pyfunction!(analysis::experiment_stats, module)?)?;
    module.add_function(wrap_pyfunction!(analysis::monitor, module)?)?;
    module.add_function(wrap_pyfunction!(analysis::analyze_segments, module)?)?;
    module.add_function(wrap_pyfunction!(profile::profile_rows, module)?)?;
    module.add_function(wrap_pyfunction!(profile::profile_sums, module)?)?;
    module.add_function(wrap_pyfunction!(profile::profile_sql, module)?)?;
    module.add_function(wrap_pyfunction!(profile::profile_columns, module)?)?;
    module.add_class::<discover::PyDiscovery>()?;
    module.add_class::<discover::PyFoundSegment>()?;
    module.add_function(wrap_pyfunction!(discover::discover, module)?)?;
    module.add_class::<registry::PyRegistryLog>()?;
    module.add_function(wrap_pyfunction!(registry::registry_json_schema, module)?)?;
    module.add_function(wrap_pyfunction!(migrate::migrate_growthbook, module)?)?;
    module.add_function(wrap_pyfunction!(migrate::migrate_eppo, module)?)?;
    module.add_function(wrap_pyfunction!(plan::sample_size, module)?)?;
    module.add_function(wrap_pyfunction!(plan::smallest_effect, module)?)?;
    module.add_function(wrap_pyfunction!(plan::non_inferiority, module)?)?;
    module.add_function(wrap_pyfunction!(plan::smallest_margin, module)?)?;
    module.add_function(wrap_pyfunction!(plan::assurance, module)?)?;
    module.add_function(wrap_pyfunction!(plan::reach, module)?)?;
    module.add_function(wrap_pyfunction!(plan::duration, module)?)?;
    module.add_function(wrap_pyfunction!(plan::sample_ratio, module)?)?;
    Ok(())
}
