//! JSON pointers, by which errors say where something stands.

/// A name as one segment of a JSON pointer (RFC 6901).
pub fn segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A pointer one step further down.
pub fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", segment(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_name_with_the_signs_of_a_pointer_then_it_stays_one_segment() {
        assert_eq!(below("/facts", "a/b~c"), "/facts/a~1b~0c");
        assert_eq!(segment("~1"), "~01");
    }
}
