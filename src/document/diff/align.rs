//! Which child of one side belongs to which of the other.

use super::survey::{KEYS, Survey};
use super::{Candidate, Listing};

/// A child of the left, and the one of the right that belongs to it; one of them may be missing.
pub(super) type Pair = (Option<u32>, Option<u32>);

/// Children with the same mark belong together: the first with the first, the second with the second. Pairs stand in the
/// order of the left; those of the right alone come behind them.
pub(super) fn by_mark(left: &[u64], right: &[u64]) -> Vec<Pair> {
    let (left, right) = (sorted(left), sorted(right));
    let mut partners: Vec<(u32, Option<u32>)> = Vec::with_capacity(left.len());
    let mut alone = Vec::new();
    let mut others = right.iter().peekable();
    for (mark, place) in left {
        while let Some((_, other)) = others.next_if(|(own, _)| *own < mark) {
            alone.push(*other);
        }
        partners.push((place, others.next_if(|(own, _)| *own == mark).map(|(_, other)| *other)));
    }
    alone.extend(others.map(|(_, other)| *other));
    partners.sort_unstable_by_key(|(place, _)| *place);
    alone.sort_unstable();
    let pairs = partners.into_iter().map(|(place, other)| (Some(place), other));
    pairs.chain(alone.into_iter().map(|other| (None, Some(other)))).collect()
}

/// The first with the first, the second with the second.
pub(super) fn by_position(left: usize, right: usize) -> Vec<Pair> {
    let place = |at: usize, of: usize| (at < of).then(|| u32::try_from(at).unwrap_or(u32::MAX));
    (0..left.max(right)).map(|at| (place(at, left), place(at, right))).collect()
}

/// Marks with their places, in the order of the marks; the same ones in the order of their places.
fn sorted(marks: &[u64]) -> Vec<(u64, u32)> {
    let mut sorted: Vec<(u64, u32)> = (0..).zip(marks).map(|(place, mark)| (*mark, place)).collect();
    sorted.sort_unstable();
    sorted
}

/// Looks at what each key would bring together, takes one, and aligns the records by it.
pub(super) fn records(
    listing: &mut Listing,
    names: &[String],
    given: bool,
    left: &Survey,
    right: &Survey,
) -> Vec<Pair> {
    let all: Vec<(Candidate, [Vec<u64>; 2])> =
        (0..).zip(names).map(|(place, name)| candidate(name, place, left, right)).collect();
    let used = |(own, _): &(Candidate, _)| given || own.left.with + own.right.with > 0;
    // The last of equals would be taken; the first is wanted.
    let best = all.iter().enumerate().rev().filter(|(_, own)| used(own)).max_by_key(|(_, (own, _))| own.rank());
    let best = best.map(|(place, _)| place);
    listing.key = best.map(|place| names[place].clone());
    listing.chosen = best;
    let pairs = match best {
        Some(place) => by_mark(&all[place].1[0], &all[place].1[1]),
        None => by_position(left.children.len(), right.children.len()),
    };
    listing.candidates = all.into_iter().map(|(own, _)| own).collect();
    pairs
}

fn candidate(name: &str, place: usize, left: &Survey, right: &Survey) -> (Candidate, [Vec<u64>; 2]) {
    let marks = |survey: &Survey| survey.keys.iter().map(|keys: &[u64; KEYS]| keys[place]).collect::<Vec<u64>>();
    let (left, right) = (marks(left), marks(right));
    let mut own = Candidate { name: name.to_owned(), ..Candidate::default() };
    let (one, other) = (runs(&left), runs(&right));
    for (side, runs) in [(&mut own.left, &one), (&mut own.right, &other)] {
        side.with = runs.iter().map(|(_, count)| count).sum();
        side.repeated = runs.iter().filter(|(_, count)| *count > 1).map(|(_, count)| count).sum();
    }
    let mut others = other.iter().peekable();
    for (mark, count) in one {
        while others.next_if(|(own, _)| *own < mark).is_some() {}
        if let Some((_, also)) = others.next_if(|(own, _)| *own == mark) {
            own.both += 1;
            own.alone += u64::from(count == 1 && *also == 1);
        }
    }
    (own, [left, right])
}

/// How often each mark occurs, without those that are none.
fn runs(marks: &[u64]) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for (mark, _) in sorted(marks) {
        match runs.last_mut() {
            Some((own, count)) if *own == mark => *count += 1,
            _ if mark != 0 => runs.push((mark, 1)),
            _ => {}
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_marks_belong_together_in_their_order() {
        assert_eq!(
            by_mark(&[5, 7, 5, 1], &[7, 5, 9, 5, 5]),
            [
                (Some(0), Some(1)),
                (Some(1), Some(0)),
                (Some(2), Some(3)),
                (Some(3), None),
                (None, Some(2)),
                (None, Some(4))
            ]
        );
        assert_eq!(by_mark(&[], &[1]), [(None, Some(0))]);
        assert_eq!(by_position(1, 2), [(Some(0), Some(0)), (None, Some(1))]);
    }
}
