//! Parameters that take several values, and those whose values go in pairs: `sorting_keys` with `sorting_order`.

use super::{Draft, split_values};
use crate::pleo::endpoint::Endpoint;

/// The parameter whose values go beside those of the one at `index`, by the names that the catalogue gives them: both
/// lists, and the same word before the last underscore.
#[must_use]
fn partner(endpoint: &Endpoint, index: usize) -> Option<usize> {
    let own = endpoint.params.get(index).filter(|param| param.list)?;
    let (family, _) = own.name.rsplit_once('_')?;
    let same = |name: &str| name.rsplit_once('_').is_some_and(|(other, _)| other == family);
    endpoint.params.iter().enumerate().position(|(at, param)| at != index && param.list && same(&param.name))
}

impl Draft {
    /// The values of the parameter at `index`, in order.
    #[must_use]
    pub fn values_of(&self, index: usize) -> Vec<&str> {
        let param = self.endpoint.params.get(index).zip(self.values.get(index));
        param.map_or_else(Vec::new, |(param, value)| split_values(param, value).collect())
    }

    /// Gives the parameter at `index` a text. Where another's values go beside its own, those follow: what belonged to a
    /// value that is gone goes too, and a new one gets the first choice. The first of a pair leads.
    pub fn set_value(&mut self, index: usize, text: &str) {
        let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<String>>();
        let before = owned(self.values_of(index));
        if let Some(slot) = self.values.get_mut(index) {
            text.clone_into(slot);
        }
        let Some(other) = partner(&self.endpoint, index).filter(|other| index < *other) else {
            return;
        };
        let beside = owned(self.values_of(other));
        if before.len() != beside.len() {
            return;
        }
        let default = self.endpoint.params[other].choices.first().cloned();
        let mut left: Vec<Option<(String, String)>> = before.into_iter().zip(beside).map(Some).collect();
        let own = owned(self.values_of(index));
        let same_count = own.len() == left.len();
        let paired = own.iter().enumerate().map(|(at, value)| {
            let known = left.iter_mut().find(|pair| pair.as_ref().is_some_and(|(own, _)| own == value));
            let place = known.and_then(Option::take).map(|(_, beside)| beside);
            // A value that was written over keeps what stood beside it.
            let over = || left.get_mut(at).filter(|_| same_count).and_then(Option::take).map(|(_, beside)| beside);
            place.or_else(over).or_else(|| default.clone())
        });
        // Without a choice to begin with it is the person's to say.
        if let Some(paired) = paired.collect::<Option<Vec<String>>>() {
            self.values[other] = paired.join(",");
        }
    }

    /// The values of the parameter at `index`, each with the one that goes beside it, where they go in pairs.
    #[must_use]
    pub fn pairs_of(&self, index: usize) -> Vec<(&str, &str)> {
        let beside = partner(&self.endpoint, index).map_or_else(Vec::new, |other| self.values_of(other));
        self.values_of(index).into_iter().zip(beside).collect()
    }

    /// Takes the last value of a list away, with what goes beside it; `false` when there is none.
    pub fn drop_value(&mut self, index: usize) -> bool {
        let leader = partner(&self.endpoint, index).filter(|other| *other < index && !self.pairs_of(index).is_empty());
        let index = leader.unwrap_or(index);
        let values: Vec<String> = self.values_of(index).into_iter().map(str::to_owned).collect();
        let Some((_, rest)) = values.split_last() else {
            return false;
        };
        self.set_value(index, &rest.join(","));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::endpoint::Method;
    use crate::pleo::environment::{Environment, Environments};

    fn draft() -> (Draft, usize, usize) {
        let draft =
            Draft::from_path(Method::Get, "/v2/employees", None, Environment::Staging, &Environments::pleo()).unwrap();
        let at = |name: &str| draft.endpoint.params.iter().position(|param| param.name == name).unwrap();
        let (keys, order) = (at("sorting_keys"), at("sorting_order"));
        (draft, keys, order)
    }

    #[test]
    fn what_goes_in_pairs_stays_in_pairs() {
        let (mut draft, keys, order) = draft();
        draft.set_value(keys, "createdAt");
        draft.set_value(keys, "createdAt,name");
        assert_eq!(draft.values[order], "ASC,ASC");
        draft.set_value(order, "DESC,ASC");
        draft.set_value(order, "ASC,DESC");
        assert_eq!(draft.pairs_of(keys), [("createdAt", "ASC"), ("name", "DESC")]);
        draft.set_value(keys, "name");
        assert_eq!(draft.values[order], "DESC", "the order of a key that is gone goes with it");
        draft.set_value(keys, "id");
        assert_eq!(draft.values[order], "DESC", "one that is written over keeps it");
        assert!(draft.drop_value(order));
        assert_eq!((draft.values[keys].as_str(), draft.values[order].as_str()), ("", ""));
        assert!(!draft.drop_value(keys));
    }

    #[test]
    fn what_was_given_apart_is_left_alone() {
        let (mut draft, keys, order) = draft();
        draft.values[keys] = "a,b".to_owned();
        draft.set_value(order, "ASC");
        assert_eq!((draft.values[keys].as_str(), draft.values[order].as_str()), ("a,b", "ASC"));
    }
}
