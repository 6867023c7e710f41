//! Policy trees: the compiled half of `stoa/_policy.py`.

use pyo3::prelude::*;
use stoa_core::{
    forest::Design,
    policy::{PolicyOptions, PolicyTree},
};

use crate::{
    convert::{document, from_value, numpy_bools, to_python},
    errors::{OrRaise, wrong_type},
    features::{Given, floats},
    rule::PyRule,
};

/// A policy tree that was fitted, with the features its questions are about.
#[pyclass(name = "FittedPolicy", module = "stoa._stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyFittedPolicy {
    tree: PolicyTree,
    design: Design,
}

#[pymethods]
impl PyFittedPolicy {
    #[getter]
    fn reward(&self) -> f64 {
        self.tree.reward
    }

    /// Rule and action of each leaf.
    fn leaves(&self) -> Vec<(PyRule, usize)> {
        let leaves = self.tree.leaves().into_iter();
        leaves
            .map(|leaf| (PyRule(leaf.rule(&self.design)), leaf.action))
            .collect()
    }

    /// A numpy array of bool: whether each row is treated.
    fn treats<'py>(&self, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = x.py();
        let given = Given::import(x)?;
        let predict = || Ok(self.tree.predict(given.again(&self.design)?.features()));
        let actions = py.detach(predict).or_raise(py)?;
        numpy_bools(py, actions.len(), |out| {
            for (flag, action) in out.iter_mut().zip(actions) {
                *flag = u8::from(action == 1);
            }
        })
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.tree)
    }
}

/// Finds the tree; other threads run on meanwhile.
#[pyfunction]
pub(crate) fn fit_policy(
    x: &Bound<'_, PyAny>,
    scores: &Bound<'_, PyAny>,
    options: &Bound<'_, PyAny>,
) -> PyResult<PyFittedPolicy> {
    let py = x.py();
    let (given, scores) = (Given::import(x)?, both_actions(scores)?);
    let options: PolicyOptions = from_value(py, "options", document("", options)?)?;
    let fit = || {
        let design = given.design()?;
        let tree = PolicyTree::fit(design.features(), &scores, &options)?;
        Ok(PyFittedPolicy { tree, design })
    };
    py.detach(fit).or_raise(py)
}

/// Scores of leaving alone and of treating; of treating alone when there is one column.
fn both_actions(given: &Bound<'_, PyAny>) -> PyResult<Vec<[f64; 2]>> {
    let buffer = floats("scores", given)?;
    let values = buffer.to_vec(given.py())?;
    match *buffer.shape() {
        [_] => Ok(values.into_iter().map(|treat| [0.0, treat]).collect()),
        [_, 2] => Ok(values.chunks_exact(2).map(|s| [s[0], s[1]]).collect()),
        _ => {
            let rule = "must be one score a row, or the two of leaving alone and of treating";
            Err(wrong_type("scores", rule, given))
        }
    }
}
