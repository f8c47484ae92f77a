//! What is known of the records of a list: how they were aligned, and why.

/// How many records of one side have a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyed {
    /// With a value.
    pub with: u64,
    /// With a value that another record of this side has too.
    pub repeated: u64,
}

/// A key that records could be aligned by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// On the left.
    pub left: Keyed,
    /// On the right.
    pub right: Keyed,
    /// Values that occur on both sides.
    pub both: u64,
    /// Those of them that occur once on each.
    pub alone: u64,
}

impl Candidate {
    /// The larger the better.
    pub(super) fn rank(&self) -> (u64, u64, u64) {
        (self.alone, self.both, self.left.with.min(self.right.with))
    }
}

/// How the records of a list were aligned, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The member that holds them; nothing where the whole body is the list.
    pub member: Option<String>,
    /// The key that they were aligned by; nothing when it was their position.
    pub key: Option<String>,
    /// Whether that key was asked for.
    pub given: bool,
    /// What each key that was looked at would have brought together.
    pub candidates: Vec<Candidate>,
    pub(super) chosen: Option<usize>,
    /// Records on the left and on the right.
    pub records: [u64; 2],
    /// Records that are the same on both sides.
    pub same: u64,
    /// Records that are on both sides and differ.
    pub changed: u64,
    /// Records that are on the left, or on the right, only.
    pub alone: [u64; 2],
}

impl Listing {
    /// What is known of the key that was taken.
    #[must_use]
    pub fn chosen(&self) -> Option<&Candidate> {
        self.candidates.get(self.chosen?)
    }

    /// By what the records were aligned, why, and what does not fit: sentences, with these names for the sides.
    #[must_use]
    pub fn reasons(&self, sides: [&str; 2]) -> Vec<String> {
        let Some(chosen) = self.chosen() else {
            let names: Vec<&str> = self.candidates.iter().map(|own| own.name.as_str()).collect();
            return vec![format!("Aligned by position: no record has {}.", names.join(", "))];
        };
        let name = &chosen.name;
        let others = self.candidates.iter().filter(|own| own.name != *name);
        let others: Vec<String> = others.map(|own| format!("{} {}", own.name, own.both)).collect();
        let others = if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
        let asked = if self.given { ", as asked" } else { "" };
        let mut told = vec![match chosen.both {
            0 => format!("Aligned by {name}{asked}, but no value of it is on both sides{others}: choose another key."),
            both => format!("Aligned by {name}{asked}: {both} of its values are on both sides{others}."),
        }];
        for (keyed, records, side) in
            [(chosen.left, self.records[0], sides[0]), (chosen.right, self.records[1], sides[1])]
        {
            if records > keyed.with {
                let without = records - keyed.with;
                told.push(format!("{side}: {without} without {name}, aligned by position."));
            }
            if keyed.repeated > 0 {
                told.push(format!("{side}: {} share their {name}, aligned by position within it.", keyed.repeated));
            }
        }
        told
    }
}
