//! Takes an input apart. The forms are simple, so that a mutation of one part leaves the others.

/// The first byte, and the rest; zero if there is none.
pub fn byte(input: &[u8]) -> (u8, &[u8]) {
    input
        .split_first()
        .map_or((0, input), |(&first, rest)| (first, rest))
}

/// A part with its length before it, in two bytes, and the rest.
pub fn part(input: &[u8]) -> (&[u8], &[u8]) {
    let (low, rest) = byte(input);
    let (high, rest) = byte(rest);
    let length = usize::from(u16::from_le_bytes([low, high]));
    rest.split_at(length.min(rest.len()))
}

/// The opposite of [`part`].
pub fn write_part(input: &mut Vec<u8>, part: &[u8]) {
    let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
    input.extend(length.to_le_bytes());
    input.extend(&part[..usize::from(length)]);
}

/// The lines of a text, as many as asked for; those that are not there are empty.
pub fn lines<const N: usize>(text: &str) -> [&str; N] {
    let mut lines = text.splitn(N, '\n');
    std::array::from_fn(|_| lines.next().unwrap_or_default())
}
