//! Record ids: 15 case-sensitive characters, and the 18 that carry a checksum of the case.
//!
//! May know the letters of an id. May not know objects or the store.

/// Letters of an id in the order in which ids grow, which is also their order as bytes.
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The 18-character id number `number` of a key prefix on a pod (two characters that name the instance).
pub(super) fn id18(prefix: &str, pod: &str, number: u64) -> String {
    let mut tail = [b'0'; 9];
    let mut rest = number;
    for place in tail.iter_mut().rev() {
        *place = LETTERS[(rest % 62) as usize];
        rest /= 62;
    }
    with_checksum(&format!("{prefix}{pod}0{}", String::from_utf8_lossy(&tail)))
}

/// An id as it is stored, from 15 or 18 characters; `None` if the text is no id.
///
/// The case of an 18-character id may have been lost on the way: the checksum repairs it.
pub(super) fn canonical(text: &str) -> Option<String> {
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    match text.len() {
        15 => Some(with_checksum(text)),
        18 => repaired(text),
        _ => None,
    }
}

/// Adds the three characters that say which of the fifteen are upper case.
///
/// Unconfirmed: no published rule was read, but it agrees with the ids in the public Salesforce Platform APIs
/// collection.
fn with_checksum(id15: &str) -> String {
    let mut id = String::with_capacity(18);
    id.push_str(id15);
    for group in id15.as_bytes().chunks(5) {
        let bits = group.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        id.push(char::from(CHECKS[bits.map(|(place, _)| 1 << place).sum::<usize>()]));
    }
    id
}

const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

fn repaired(id18: &str) -> Option<String> {
    let (id15, checks) = id18.split_at_checked(15)?;
    let mut letters = String::with_capacity(15);
    for (group, check) in id15.as_bytes().chunks(5).zip(checks.to_ascii_uppercase().bytes()) {
        let bits = CHECKS.iter().position(|byte| *byte == check)?;
        for (place, byte) in group.iter().enumerate() {
            let upper = bits & (1 << place) != 0;
            if upper && !byte.is_ascii_alphabetic() {
                return None;
            }
            letters.push(char::from(if upper {
                byte.to_ascii_uppercase()
            } else {
                byte.to_ascii_lowercase()
            }));
        }
    }
    Some(with_checksum(&letters))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn checksum_of_the_known_sample() {
        assert_eq!(canonical("00D58000000arpq").as_deref(), Some("00D58000000arpqEAA"));
        assert_eq!(canonical("00d58000000ARPQEAA").as_deref(), Some("00D58000000arpqEAA"));
        assert_eq!(canonical("00D58000000arpqEA9"), None);
        assert_eq!(canonical("Account"), None);
    }

    #[test]
    fn ids_grow_with_their_number() {
        let ids: Vec<String> = (0..5000).map(|number| id18("001", "gK", number)).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[1].len(), 18);
    }

    proptest! {
        #[test]
        fn the_long_form_keeps_the_short_one(number in any::<u32>()) {
            let id = id18("003", "gK", number.into());
            prop_assert_eq!(canonical(&id[..15]), Some(id.clone()));
            prop_assert_eq!(canonical(&id.to_ascii_lowercase()), Some(id));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = canonical(&text);
        }
    }
}
