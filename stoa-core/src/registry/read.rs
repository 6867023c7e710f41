//! Reading a log: line by line, and what stands at its end.

use super::{
    Registry,
    event::{Event, MAX_LINE_BYTES},
};
use crate::error::{Detail, Error, Result};

/// Longest piece of the end that is told, in bytes.
const SHOWN: usize = 80;

/// What stood at the end of a log after its last complete line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// Where it begins: the length of the complete lines.
    pub offset: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// Whether it is the next event, complete but for its line end.
    pub whole: bool,
}

/// What a reading came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Events taken in.
    pub applied: usize,
    /// What follows the last line end; absent when the log is complete.
    pub torn: Option<Torn>,
}

impl Registry {
    /// Reads a whole log.
    ///
    /// A last line without its end is told, not refused: a writer was stopped there, and nobody was told that its event
    /// was written.
    ///
    /// # Errors
    /// [`Error::BrokenChain`], naming the line, when one was changed, removed, moved or put in between;
    /// [`Error::Unsupported`] for a line of a later version.
    ///
    /// # Example
    /// ```
    /// use stoa_core::registry::Registry;
    /// let (registry, ending) = Registry::read(b"{\"actor\":\"an")?;
    /// assert_eq!((registry.events().len(), ending.torn.map(|t| t.bytes)), (0, Some(12)));
    /// assert_eq!(Registry::read(b"{\"actor\":\"an\n").unwrap_err().code(), "broken_chain");
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn read(log: &[u8]) -> Result<(Self, Ending)> {
        let mut registry = Self::default();
        let ending = registry.extend(log)?;
        Ok((registry, ending))
    }

    /// Reads what follows the first [`Registry::bytes`] of a log.
    ///
    /// # Errors
    /// As [`Registry::read`]; the lines above the one refused are taken in, so that the next reading begins there.
    pub fn extend(&mut self, more: &[u8]) -> Result<Ending> {
        let before = self.events.len();
        let mut rest = more;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            self.take_line(line)?;
            rest = after;
        }
        let torn = (!rest.is_empty()).then(|| Torn {
            offset: self.bytes,
            bytes: rest.len() as u64,
            whole: parse(rest).is_ok_and(|e| self.admit(&e).is_ok()),
        });
        Ok(Ending {
            applied: self.events.len() - before,
            torn,
        })
    }

    /// Refuses a log that has become shorter than what was read of it.
    ///
    /// # Errors
    /// [`Error::BrokenChain`].
    pub fn check_length(&self, bytes: u64) -> Result<()> {
        if bytes >= self.bytes {
            return Ok(());
        }
        let rule = format!("must not get shorter than the {} bytes read", self.bytes);
        let found = format!("{bytes} bytes");
        Err(Error::BrokenChain(Detail::new("log", rule, found)))
    }

    fn take_line(&mut self, line: &[u8]) -> Result<()> {
        let place = format!("line {}", self.events.len() + 1);
        let event = parse(line).map_err(|e| e.at(&place))?;
        let step = self.admit(&event).map_err(|e| e.at(&place))?;
        self.commit(event, step, line.len() as u64 + 1);
        Ok(())
    }
}

fn parse(line: &[u8]) -> Result<Event> {
    let refuse = |rule: String| {
        let shown = String::from_utf8_lossy(&line[..line.len().min(SHOWN)]);
        Error::BrokenChain(Detail::new("", rule, shown))
    };
    if line.len() > MAX_LINE_BYTES {
        return Err(refuse(format!("must be at most {MAX_LINE_BYTES} bytes")));
    }
    let text = std::str::from_utf8(line);
    let text = text.map_err(|e| refuse(format!("must be UTF-8 (byte {})", e.valid_up_to())))?;
    if text.is_empty() {
        return Err(refuse("must not be empty".to_owned()));
    }
    Event::from_line(text)
}
