//! Arrays and data frames as the numbers of a forest: one copy, from the buffer into the core's columns.

use pyo3::{
    buffer::PyBuffer,
    prelude::*,
    types::{PyDict, PyString},
};
use stoa_core::{
    error::Result,
    forest::Design,
    value::{Column, Table},
};

use crate::{errors::wrong_type, table::Frame};

/// The argument `X`.
pub(crate) enum Given {
    Frame(Frame),
    /// The columns of an array, named x0, x1, …
    Matrix(Vec<Vec<f64>>),
}

impl Given {
    pub(crate) fn import(x: &Bound<'_, PyAny>) -> PyResult<Self> {
        if x.is_instance_of::<PyDict>() || x.hasattr("__arrow_c_stream__")? {
            let frame = Frame::import(x)?;
            // A series comes as one column without a name.
            if frame.names().iter().any(String::is_empty) {
                return Err(wrong_type("X", "must have named columns", x));
            }
            return Ok(Self::Frame(frame));
        }
        let rule = "must be a data frame or an array of two dimensions";
        let buffer = floats("X", x)?;
        let &[n, p] = buffer.shape() else {
            return Err(wrong_type("X", rule, x));
        };
        let values = buffer.to_fortran_vec(x.py())?;
        let columns = (0..p).map(|j| values[j * n..(j + 1) * n].to_vec());
        Ok(Self::Matrix(columns.collect()))
    }

    /// The features of these very columns.
    pub(crate) fn design(&self) -> Result<Design> {
        let (names, table) = self.table()?;
        Design::new(&table, &names)
    }

    /// The features of an earlier design.
    pub(crate) fn again(&self, design: &Design) -> Result<Design> {
        design.again(&self.table()?.1)
    }

    fn table(&self) -> Result<(Vec<String>, Table<'_>)> {
        match self {
            Self::Frame(frame) => {
                let names = frame.names();
                let table = frame.table(Some(&names))?;
                Ok((names, table))
            }
            Self::Matrix(columns) => {
                let names: Vec<String> = (0..columns.len()).map(|j| format!("x{j}")).collect();
                let columns = columns.iter().map(|c| Column::Number(c.as_slice().into()));
                let table = Table::new(names.iter().cloned().zip(columns))?;
                Ok((names, table))
            }
        }
    }
}

/// One number a row: a list, an array, a series.
pub(crate) fn vector(field: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    let buffer = floats(field, given)?;
    if buffer.dimensions() == 1 {
        return buffer.to_vec(given.py());
    }
    Err(wrong_type(field, "must have one dimension", given))
}

/// Any array of numbers or booleans as float64, without a copy where it is that already; None is NaN.
pub(crate) fn floats(field: &str, given: &Bound<'_, PyAny>) -> PyResult<PyBuffer<f64>> {
    let numpy = given.py().import("numpy")?;
    let refused = |_| wrong_type(field, "must be numbers, one for each row", given);
    let array = numpy.call_method1("asarray", (given,)).map_err(refused)?;
    let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
    let items = array.call_method0("ravel")?;
    let texts = || -> PyResult<bool> {
        let mut items = items.try_iter()?;
        items.try_fold(false, |any, item| {
            Ok(any || item?.is_instance_of::<PyString>())
        })
    };
    // numpy would read the text "0.5" as a number and a date as nanoseconds.
    if !"biufO".contains(&kind) || (kind == "O" && texts()?) {
        return Err(wrong_type(field, "must be numbers", given));
    }
    let converted = numpy.call_method1("asarray", (array, "float64"));
    PyBuffer::get(&converted.map_err(refused)?)
}
