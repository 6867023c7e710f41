//! Many units in, their decisions out, as columns.

use pyo3::{
    prelude::*,
    pybacked::PyBackedStr,
    types::{PyBytes, PyString},
};
use stoa_core::{assign::Batch, error::Result};

use crate::{convert::mended, errors::wrong_type, table::Frame};

/// Ids of many units, borrowed from Python strings or from an Arrow column.
pub(crate) enum Units {
    Strings(Vec<Option<PyBackedStr>>),
    Column(Frame),
}

impl Units {
    pub(crate) fn import(ids: &Bound<'_, PyAny>) -> PyResult<Self> {
        if ids.hasattr("__arrow_c_stream__")? {
            return Frame::import(ids).map(Self::Column);
        }
        let listed = ids.call_method0("tolist").unwrap_or_else(|_| ids.clone());
        let strings = listed.try_iter()?.enumerate().map(|(row, id)| {
            let id = id?;
            if id.is_none() {
                return Ok(None);
            }
            let text = id.cast::<PyString>();
            let text = text.map_err(|_| wrong_type(&format!("ids[{row}]"), "must be text", &id))?;
            Ok(Some(mended(text)?.try_into()?))
        });
        strings.collect::<PyResult<_>>().map(Self::Strings)
    }

    pub(crate) fn texts(&self) -> Result<Vec<Option<&str>>> {
        match self {
            Self::Strings(ids) => Ok(ids.iter().map(|id| id.as_deref()).collect()),
            Self::Column(frame) => frame.only_text("ids"),
        }
    }
}

/// One experiment's columns: key, variants, and the codes of variant and reason as bytes.
pub(crate) type Columns<'py> = (
    String,
    Vec<String>,
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
);

pub(crate) fn columns<'py>(py: Python<'py>, batch: &Batch) -> Columns<'py> {
    let variant: Vec<u8> = batch
        .variant
        .iter()
        .map(|code| code.to_ne_bytes()[0])
        .collect();
    let reason: Vec<u8> = batch.reason.iter().map(|reason| reason.code()).collect();
    let (key, variants) = (batch.experiment.clone(), batch.variants.clone());
    (
        key,
        variants,
        PyBytes::new(py, &variant),
        PyBytes::new(py, &reason),
    )
}
