//! Counts of long simulations, kept in files so that a run that was stopped goes on.

use std::{fs, ops::Range, path::PathBuf};

use cpu_time::ProcessTime;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Runs between two savings.
const BLOCK: u64 = 250;

/// One line of a table: something that is repeated so many times.
pub trait Part {
    /// What its runs add up to.
    type Tally: Default + Serialize + DeserializeOwned;

    /// Stable name, fit for a file.
    fn name(&self) -> &str;

    /// How many runs it needs.
    fn runs(&self) -> u64;

    /// Adds these runs. Run i is the same run however it is reached.
    ///
    /// # Errors
    /// What the engine refused.
    fn count(&self, runs: Range<u64>, tally: &mut Self::Tally) -> Result<(), String>;
}

/// What is known of one part.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Entry<T> {
    /// The code that it was counted by.
    pub seal: String,
    /// Runs so far.
    pub runs: u64,
    /// Processor time they took, in seconds.
    pub cpu_seconds: f64,
    /// What they add up to.
    pub tally: T,
}

/// A folder of entries that all were counted by the same code.
#[derive(Debug, Clone)]
pub struct Ledger {
    folder: PathBuf,
    seal: String,
}

impl Ledger {
    /// A folder, made where there is none; entries with another seal are begun anew.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(folder: impl Into<PathBuf>, seal: &str) -> Result<Self, String> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(Self {
            folder,
            seal: seal.to_owned(),
        })
    }

    /// Counts until the part has its runs or `start` is `seconds` of processor time ago.
    ///
    /// # Errors
    /// What the part's runs or the disk refuse.
    pub fn fill<P: Part>(
        &self,
        part: &P,
        start: ProcessTime,
        seconds: f64,
    ) -> Result<Entry<P::Tally>, String> {
        let mut entry = self.read(part);
        while entry.runs < part.runs() && start.elapsed().as_secs_f64() < seconds {
            let block = ProcessTime::now();
            let end = part.runs().min(entry.runs + BLOCK);
            part.count(entry.runs..end, &mut entry.tally)?;
            entry.runs = end;
            entry.cpu_seconds += block.elapsed().as_secs_f64();
            self.keep(part.name(), &entry)?;
        }
        Ok(entry)
    }

    fn read<P: Part>(&self, part: &P) -> Entry<P::Tally> {
        let text = fs::read_to_string(self.path(part.name())).ok();
        let found: Option<Entry<P::Tally>> = text.and_then(|t| serde_json::from_str(&t).ok());
        found
            .filter(|entry| entry.seal == self.seal)
            .unwrap_or_else(|| Entry {
                seal: self.seal.clone(),
                ..Entry::default()
            })
    }

    /// Written beside and moved, so that a run that is killed leaves the entry before.
    fn keep<T: Serialize>(&self, name: &str, entry: &Entry<T>) -> Result<(), String> {
        let path = self.path(name);
        let beside = path.with_extension("new");
        let text = serde_json::to_string(entry).map_err(|e| e.to_string())?;
        fs::write(&beside, text).map_err(|e| format!("{}: {e}", beside.display()))?;
        fs::rename(&beside, &path).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Adds the numbers of its runs.
    struct Numbers(u64);

    impl Part for Numbers {
        type Tally = u64;

        fn name(&self) -> &'static str {
            "numbers"
        }

        fn runs(&self) -> u64 {
            self.0
        }

        fn count(&self, runs: Range<u64>, tally: &mut u64) -> Result<(), String> {
            *tally += runs.sum::<u64>();
            Ok(())
        }
    }

    #[test]
    fn a_ledger_goes_on_until_the_code_changes() {
        let folder = std::env::temp_dir().join(format!("stoa-ledger-{}", std::process::id()));
        let ledger = Ledger::new(&folder, "one").unwrap();
        let fill = |ledger: &Ledger, runs, seconds| {
            let entry = ledger.fill(&Numbers(runs), ProcessTime::now(), seconds);
            let entry = entry.unwrap();
            (entry.runs, entry.tally)
        };
        assert_eq!(fill(&ledger, 300, 60.0), (300, 299 * 150));
        // 0 + … + 699 = 699·350; no time left: what there was.
        assert_eq!(fill(&ledger, 700, 60.0), (700, 699 * 350));
        assert_eq!(fill(&ledger, 900, 0.0), (700, 699 * 350));
        let other = Ledger::new(&folder, "two").unwrap();
        assert_eq!(fill(&other, 10, 60.0), (10, 45));
        fs::remove_dir_all(folder).unwrap();
    }
}
