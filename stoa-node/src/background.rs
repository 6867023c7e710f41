//! Work off the main thread that ends in JSON text.

use std::fmt;

use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use stoa_core::error::Result;

use crate::convert::guarded;

/// An answer on its way.
pub struct Background(Box<dyn FnMut() -> Result<String> + Send>);

impl Background {
    /// Gives the work to the thread pool.
    pub(crate) fn start(work: impl FnMut() -> Result<String> + Send + 'static) -> AsyncTask<Self> {
        AsyncTask::new(Self(Box::new(work)))
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").finish_non_exhaustive()
    }
}

impl Task for Background {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        guarded(&mut self.0)
    }

    fn resolve(&mut self, _: Env, text: String) -> napi::Result<String> {
        Ok(text)
    }
}
