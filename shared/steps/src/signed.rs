//! What somebody signs or approves, to the letter.

use platform::Result;
use platform::text::hexadecimal;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The SHA-256 of a value, in hexadecimal, and its text: canonical JSON, without spaces and with keys in their order.
pub fn signed(value: &Value) -> Result<(String, String)> {
    let text = serde_json::to_string(value)?;
    Ok((hexadecimal(&Sha256::digest(text.as_bytes())), text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn given_the_same_in_another_order_then_it_is_signed_alike() {
        let one = signed(&json!({ "b": 1, "a": ["x"] })).unwrap();
        assert_eq!(one.1, r#"{"a":["x"],"b":1}"#);
        assert_eq!(one, signed(&json!({ "a": ["x"], "b": 1 })).unwrap());
    }
}
