//! Numbers, ids and dates that look random and are the same in every run.

use jiff::Timestamp;

use crate::pleo::environment::Environment;

/// Splitmix64: small, fast and good enough for invented data.
pub struct Random(u64);

impl Random {
    /// A series of its own for every topic and number.
    pub fn new(environment: Environment, topic: &str, number: u64) -> Self {
        let mut seed = 0xcbf2_9ce4_8422_2325_u64 ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in environment.name().bytes().chain(topic.bytes()) {
            seed = (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end`, without `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A place in a list of this length.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    /// True in so many cases of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of the items. The list must not be empty; the lists here are constants.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// A place in a list of weights.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (place, weight) in weights.enumerate() {
            if left < weight {
                return place;
            }
            left -= weight;
        }
        0
    }
}

/// The id of the `number`th thing of a kind: a UUID of version 4 by its looks, the same in every run and different in
/// every environment.
pub fn uuid(environment: Environment, kind: &str, number: u64) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut random = Random::new(environment, kind, number);
    let bits = (u128::from(random.next()) << 64) | u128::from(random.next());
    let bits = (bits & !(0xf << 76) & !(0b11 << 62)) | (0x4 << 76) | (0b10 << 62);
    let mut text = String::with_capacity(36);
    for place in (0..32_u32).rev() {
        let digit = usize::from(bits.to_be_bytes()[15 - (place / 2) as usize] >> (4 * (place % 2))) & 0xf;
        text.push(char::from(DIGITS[digit]));
        if matches!(place, 24 | 20 | 16 | 12) {
            text.push('-');
        }
    }
    text
}

/// 1 January 2025, where invented time begins.
pub const EPOCH: i64 = 1_735_689_600;

/// A moment so many seconds after the epoch, to whole seconds.
pub fn moment(seconds: i64) -> String {
    Timestamp::from_second(EPOCH + seconds).unwrap_or_default().to_string()
}

/// The same with a fraction: Pleo's answers have none, milliseconds or nanoseconds.
pub fn precise_moment(seconds: i64, random: &mut Random) -> String {
    let fraction = match random.below(3) {
        0 => 0,
        1 => 1_000_000 * (1 + random.below(999)),
        _ => 1 + random.below(999_999_998),
    };
    let fraction = i32::try_from(fraction).unwrap_or_default();
    Timestamp::new(EPOCH + seconds, fraction).unwrap_or_default().to_string()
}

/// Now, for what is written to the sandbox while it runs.
pub fn now() -> String {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_and_differ_between_environments() {
        let id = uuid(Environment::Staging, "employee", 7);
        let dashes: Vec<usize> = id.char_indices().filter(|(_, c)| *c == '-').map(|(place, _)| place).collect();
        assert_eq!(dashes, [8, 13, 18, 23], "{id}");
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
        assert_eq!(id, uuid(Environment::Staging, "employee", 7));
        assert_ne!(id, uuid(Environment::Production, "employee", 7));
        assert_ne!(id, uuid(Environment::Staging, "employee", 8));
    }
}
