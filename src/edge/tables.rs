//! How a person arranged the columns of each operation's table, kept from run to run: a file of ours in the state folder. Of two
//! runs that write it the later one counts.

use std::collections::HashMap;
use std::path::PathBuf;

use super::folders::{self, Folders};
use crate::app::panes::response::table::Arrangement;

/// The file; nothing is kept where there is none.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    path: Option<PathBuf>,
}

impl Tables {
    /// The file in the state folder.
    #[must_use]
    pub fn new(folders: Option<&Folders>) -> Self {
        Self { path: folders.map(|folders| folders.state.join("tables.json")) }
    }

    /// What was arranged before.
    ///
    /// # Errors
    /// A sentence, when the file is there and cannot be used; it is left as it is.
    pub fn load(&self) -> Result<HashMap<String, Arrangement>, String> {
        let Some(path) = &self.path else {
            return Ok(HashMap::new());
        };
        match folders::read(path) {
            Ok(None) => Ok(HashMap::new()),
            Ok(Some(text)) => serde_json::from_str(&text).map_err(|error| {
                let path = path.display();
                format!("{path} is not used, and arranging a column writes it anew: {error}")
            }),
            Err(error) => Err(format!("The columns of tables are not remembered: {error}")),
        }
    }

    /// Keeps it.
    ///
    /// # Errors
    /// A sentence; what was kept before stays.
    pub fn save(&self, tables: &HashMap<String, Arrangement>) -> Result<(), String> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let text = serde_json::to_string_pretty(tables).map_err(|error| error.to_string())?;
        folders::write(path, &text).map_err(|error| format!("The columns are not remembered beyond this run: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrangements_outlive_a_run_and_a_damaged_file_is_told() {
        let folder = std::env::temp_dir().join(format!("pleoscope-tables-{}", std::process::id()));
        let tables = Tables { path: Some(folder.join("tables.json")) };
        assert_eq!(tables.load(), Ok(HashMap::new()));
        let arrangement = Arrangement {
            order: vec!["email".into(), "id".into()],
            shown: HashMap::from([("id".into(), false)]),
            widths: HashMap::from([("email".into(), 12)]),
        };
        let kept = HashMap::from([("External GET /v2/employees".to_owned(), arrangement)]);
        tables.save(&kept).expect("it can be written");
        assert_eq!(tables.load(), Ok(kept));
        std::fs::write(folder.join("tables.json"), "{\"a\":[}").expect("it can be written");
        assert!(tables.load().expect_err("it is damaged").contains("tables.json is not used"));
        std::fs::remove_dir_all(&folder).expect("the folder goes");
        assert_eq!(Tables::default().save(&HashMap::new()), Ok(()), "without a folder nothing is kept");
    }
}
