//! Bytes in JSON: as text where they are text, otherwise `base64:` and the bytes.
//!
//! Never loses a byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

const PREFIX: &str = "base64:";

/// Writes the bytes.
///
/// # Errors
/// As the serializer's.
pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&shown(bytes))
}

/// The bytes as they are written.
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.starts_with(PREFIX) => text.to_owned(),
        _ => format!("{PREFIX}{}", BASE64.encode(bytes)),
    }
}

/// Reads the bytes.
///
/// # Errors
/// When there is no text, or no base64 where it is announced.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.strip_prefix(PREFIX) {
        None => Ok(text.into_bytes()),
        Some(encoded) => BASE64.decode(encoded).map_err(|reason| {
            D::Error::custom(format!(
                "what follows `{PREFIX}` is no base64 ({reason}): encode the bytes anew"
            ))
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Answer(#[serde(with = "super")] Vec<u8>);

    #[test]
    fn bytes_read_back_whatever_they_are() {
        for bytes in [&b""[..], b"null", b"base64:x", &[0xff, 0]] {
            let answer = Answer(bytes.to_vec());
            let json = serde_json::to_string(&answer).unwrap();
            assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), answer, "{json}");
        }
        let error = serde_json::from_str::<Answer>(r#""base64:?""#).unwrap_err();
        assert!(error.to_string().contains("encode the bytes anew"), "{error}");
    }
}
