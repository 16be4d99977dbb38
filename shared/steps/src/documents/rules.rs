//! What may be handed in as a document.

use platform::text::{hexadecimal, is_title};
use platform::{Code, Problem, Result, say};
use sha2::{Digest, Sha256};

use super::NewDocument;

/// Bytes that a document may have.
pub const MOST_BYTES: usize = 10 << 20;
const LONGEST_NAME: usize = 200;

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What documents may be, and how their bytes begin; a text has no beginning of its own.
const TYPES: [(&str, &[u8]); 6] = [
    ("application/pdf", b"%PDF-"),
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    (DOCX, b"PK\x03\x04"),
    (XLSX, b"PK\x03\x04"),
    ("text/plain", b""),
];

/// Checks name, size and type of a document; its bytes must be what its type says.
pub fn check(name: &str, media_type: &str, bytes: Vec<u8>) -> Result<NewDocument> {
    if !is_title(name, LONGEST_NAME) || name.contains(['/', '\\', '"']) {
        return Err(Problem::field(
            "/name",
            say!(
                "文件名为 1 到 {LONGEST_NAME} 个字符的一行文字，不含 / \\ \"",
                "a name is one line of 1 to {LONGEST_NAME} characters without / \\ \""
            ),
        ));
    }
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some((media_type, begins)) = TYPES.into_iter().find(|(known, _)| *known == media_type) else {
        return Err(Problem::new(
            Code::UnsupportedFormat,
            say!("只接受 PDF、PNG、JPEG、DOCX、XLSX 和纯文本", "PDF, PNG, JPEG, DOCX, XLSX and plain text are taken"),
        ));
    };
    if bytes.is_empty() || bytes.len() > MOST_BYTES {
        return Err(Problem::new(Code::TooLarge, say!("文件为 1 字节到 10 MB", "a document has 1 byte to 10 MB")));
    }
    let is_text = || std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains('\0'));
    if !bytes.starts_with(begins) || (begins.is_empty() && !is_text()) {
        return Err(Problem::new(
            Code::UnsupportedFormat,
            say!("内容与类型 {media_type} 不符", "the content is not of the type {media_type}"),
        ));
    }
    let sha256 = hexadecimal(&Sha256::digest(&bytes));
    Ok(NewDocument { name: name.trim().to_owned(), media_type, sha256, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_documents_then_name_size_and_type_are_checked() {
        let kept = check("证据.pdf", "application/pdf", b"%PDF-1.7 ...".to_vec()).unwrap();
        assert_eq!((kept.name.as_str(), kept.media_type, kept.sha256.len()), ("证据.pdf", "application/pdf", 64));
        assert!(check("a.txt", "text/plain; charset=utf-8", "好".as_bytes().to_vec()).is_ok());
        for (name, media_type, bytes) in [
            ("a.pdf", "application/pdf", b"<html>".to_vec()),
            ("a.html", "text/html", b"<html>".to_vec()),
            ("a.txt", "text/plain", vec![0xff, 0xfe]),
            ("a.txt", "text/plain", Vec::new()),
            ("a/b.txt", "text/plain", b"x".to_vec()),
            ("", "text/plain", b"x".to_vec()),
            ("a.txt", "text/plain", vec![b'x'; MOST_BYTES + 1]),
        ] {
            assert!(check(name, media_type, bytes).is_err(), "{name} {media_type}");
        }
    }
}
