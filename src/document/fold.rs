//! Which containers are folded, and how that moves the rows below them.

/// A change of what is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldChange {
    /// Folds the container with this opening and this closing row.
    Fold(u64, u64),
    /// Unfolds the container that opens on this row; folds within it stay.
    Unfold(u64),
    /// Unfolds whatever hides this row.
    Reveal(u64),
}

/// A set of folded containers. Folds may lie within folds: an outer one hides the inner one and remembers it.
///
/// Rows are numbered from 0, in the whole document or among the visible rows. A folded container shows its opening row only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// Opening and closing row of every folded container, by opening row.
    all: Vec<Fold>,
    /// Those that no other fold hides.
    outer: Vec<Outer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fold {
    open: u64,
    close: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outer {
    open: u64,
    close: u64,
    /// Rows hidden by the folds before this one.
    hidden: u64,
}

impl Folds {
    /// Nothing folded.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds these containers (opening and closing row). Ranges must nest, as containers do.
    #[must_use]
    pub fn from_ranges(ranges: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut all: Vec<Fold> =
            ranges.into_iter().filter(|(open, close)| open < close).map(|(open, close)| Fold { open, close }).collect();
        all.sort_unstable_by_key(|fold| fold.open);
        all.dedup_by_key(|fold| fold.open);
        let mut folds = Self { all, outer: Vec::new() };
        folds.settle();
        folds
    }

    /// Whether nothing is folded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Makes a change.
    pub fn change(&mut self, change: FoldChange) {
        match change {
            FoldChange::Fold(open, close) => self.fold(open, close),
            FoldChange::Unfold(open) => self.unfold(open),
            FoldChange::Reveal(row) => self.reveal(row),
        }
    }

    /// Folds the container with these rows.
    pub fn fold(&mut self, open: u64, close: u64) {
        if open >= close {
            return;
        }
        if let Err(place) = self.search(open) {
            self.all.insert(place, Fold { open, close });
            self.settle();
        }
    }

    /// Unfolds the container that opens on `open`; folds within it stay.
    pub fn unfold(&mut self, open: u64) {
        if let Ok(place) = self.search(open) {
            self.all.remove(place);
            self.settle();
        }
    }

    /// Unfolds the container with these rows and everything within it.
    pub fn unfold_within(&mut self, open: u64, close: u64) {
        self.all.retain(|fold| fold.open < open || fold.open > close);
        self.settle();
    }

    /// Folds or unfolds the container with these rows.
    pub fn toggle(&mut self, open: u64, close: u64) {
        if self.is_folded(open) {
            self.unfold(open);
        } else {
            self.fold(open, close);
        }
    }

    /// Unfolds whatever hides `row`.
    pub fn reveal(&mut self, row: u64) {
        if self.is_hidden(row) {
            self.all.retain(|fold| !(fold.open < row && row <= fold.close));
            self.settle();
        }
    }

    /// Whether the container that opens on `row` is folded, hidden or not.
    #[must_use]
    pub fn is_folded(&self, row: u64) -> bool {
        self.search(row).is_ok()
    }

    /// Whether a folded container hides `row`.
    #[must_use]
    pub fn is_hidden(&self, row: u64) -> bool {
        self.outer_before(row).is_some_and(|outer| outer.open < row && row <= outer.close)
    }

    /// How many of `total` rows are visible.
    #[must_use]
    pub fn visible_rows(&self, total: u64) -> u64 {
        total.saturating_sub(self.hidden_before(total))
    }

    /// The visible row that shows `row`: its own, or that of the folded container that hides it.
    #[must_use]
    pub fn to_visible(&self, row: u64) -> u64 {
        match self.outer_before(row) {
            Some(outer) if row <= outer.close => outer.open - outer.hidden,
            Some(outer) => row - outer.hidden - (outer.close - outer.open),
            None => row,
        }
    }

    /// The document row that a visible row shows.
    #[must_use]
    pub fn to_document(&self, visible: u64) -> u64 {
        let after = self.outer.partition_point(|outer| outer.open - outer.hidden < visible);
        match after.checked_sub(1).and_then(|before| self.outer.get(before)) {
            Some(outer) => visible + outer.hidden + (outer.close - outer.open),
            None => visible,
        }
    }

    /// The closing row of the container that opens on `row`, if it is folded and visible.
    pub(super) fn visible_fold(&self, row: u64) -> Option<u64> {
        let found = self.outer.binary_search_by_key(&row, |outer| outer.open).ok()?;
        self.outer.get(found).map(|outer| outer.close)
    }

    fn search(&self, open: u64) -> Result<usize, usize> {
        self.all.binary_search_by_key(&open, |fold| fold.open)
    }

    fn outer_before(&self, row: u64) -> Option<&Outer> {
        let after = self.outer.partition_point(|outer| outer.open <= row);
        self.outer.get(after.checked_sub(1)?)
    }

    fn hidden_before(&self, row: u64) -> u64 {
        let after = self.outer.partition_point(|outer| outer.open < row);
        after
            .checked_sub(1)
            .and_then(|before| self.outer.get(before))
            .map_or(0, |outer| outer.hidden + outer.close.min(row - 1) - outer.open)
    }

    fn settle(&mut self) {
        self.outer.clear();
        let mut hidden = 0;
        let mut reach = None;
        for fold in &self.all {
            if reach.is_some_and(|close| fold.open <= close) {
                continue;
            }
            self.outer.push(Outer { open: fold.open, close: fold.close, hidden });
            hidden += fold.close - fold.open;
            reach = Some(fold.close);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Nested ranges from a walk: every number opens a container, closes one, or is a plain row.
    fn containers(walk: &[u8]) -> (u64, Vec<(u64, u64)>) {
        let (mut row, mut open, mut ranges) = (0, Vec::new(), Vec::new());
        for step in walk {
            match step % 3 {
                0 => open.push(row),
                1 => ranges.extend(open.pop().map(|start| (start, row))),
                _ => {}
            }
            row += 1;
        }
        while let Some(start) = open.pop() {
            ranges.push((start, row));
            row += 1;
        }
        (row, ranges)
    }

    proptest! {
        #[test]
        fn agrees_with_a_list_of_visible_rows(
            walk in proptest::collection::vec(any::<u8>(), 0..60),
            chosen in any::<u64>(),
        ) {
            let (total, ranges) = containers(&walk);
            let folded: Vec<_> = ranges
                .iter()
                .enumerate()
                .filter(|(number, _)| chosen >> (number % 64) & 1 == 1)
                .map(|(_, range)| *range)
                .collect();
            let mut one_by_one = Folds::new();
            for (open, close) in &folded {
                one_by_one.fold(*open, *close);
            }
            let folds = Folds::from_ranges(folded.iter().copied());
            prop_assert_eq!(&one_by_one, &folds);

            let hidden = |row: u64| folded.iter().any(|(open, close)| *open < row && row <= *close);
            let visible: Vec<u64> = (0..total).filter(|row| !hidden(*row)).collect();
            prop_assert_eq!(folds.visible_rows(total), visible.len() as u64);
            for (number, row) in visible.iter().enumerate() {
                prop_assert_eq!(folds.to_document(number as u64), *row);
                prop_assert_eq!(folds.to_visible(*row), number as u64);
            }
            for row in 0..total {
                prop_assert_eq!(folds.is_hidden(row), hidden(row));
                prop_assert_eq!(folds.is_folded(row), folded.iter().any(|(open, _)| *open == row));
                if hidden(row) {
                    let shown = visible.iter().rposition(|other| *other <= row).unwrap_or(0);
                    prop_assert_eq!(folds.to_visible(row), shown as u64);
                }
                let mut revealed = folds.clone();
                revealed.reveal(row);
                prop_assert!(!revealed.is_hidden(row));
            }
        }
    }

    #[test]
    fn toggling_twice_changes_nothing_and_inner_folds_are_remembered() {
        let mut folds = Folds::new();
        folds.fold(2, 4);
        folds.toggle(0, 9);
        assert_eq!(folds.visible_rows(10), 1);
        folds.toggle(0, 9);
        assert_eq!(folds.visible_rows(10), 8);
        assert!(folds.is_folded(2));
        folds.unfold_within(0, 9);
        assert!(folds.is_empty());
    }
}
