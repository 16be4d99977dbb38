//! Files that are no tables of ours: each is called by its name, and says what to do.

use basics::{Message, say};

use super::refusal::Refusal;

/// What archives, and so workbooks, begin with.
pub const ARCHIVE: &[u8] = b"PK\x03\x04";
const OLD_OFFICE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

pub fn refuse_other_kinds(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.starts_with(ARCHIVE) {
        return Ok(());
    }
    match other_kind(bytes) {
        None => Ok(()),
        Some(message) => Err(Refusal::of(message)),
    }
}

fn other_kind(bytes: &[u8]) -> Option<Message> {
    if bytes.trim_ascii().is_empty() || bytes == b"\xef\xbb\xbf" || bytes == b"\xff\xfe" {
        return Some(say!("文件是空的", "the file is empty"));
    }
    if bytes.starts_with(OLD_OFFICE) {
        return Some(old_office(bytes));
    }
    if bytes.starts_with(b"PK\x05\x06") {
        return Some(say!("压缩包里没有文件", "the archive is empty"));
    }
    if bytes.starts_with(b"%PDF") {
        return Some(say!("这是 PDF，不是表格；请上传 .xlsx 或 CSV", "this is a PDF and no table; send .xlsx or CSV"));
    }
    markup(bytes)
}

/// Old workbooks and locked ones are of one kind of container.
fn old_office(bytes: &[u8]) -> Message {
    let names = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(name.len()).any(|part| part == name)
    };
    if names("EncryptedPackage") {
        say!(
            "工作簿有密码保护；请取消密码后另存为 .xlsx",
            "the workbook is locked by a password; save it without one as .xlsx"
        )
    } else if names("Workbook") || names("Book") {
        say!(
            "这是旧版 Excel 工作簿（.xls）；请另存为 .xlsx",
            "this is a workbook of the old format (.xls); save it as .xlsx"
        )
    } else {
        say!(
            "这是旧版 Office 文件（如 .xls）；如果是表格，请另存为 .xlsx",
            "this is a file of an old Office (such as .xls); if it is a table, save it as .xlsx"
        )
    }
}

/// Web pages that are called .xls, and workbooks written as XML.
fn markup(bytes: &[u8]) -> Option<Message> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let start = start.get(..start.len().min(2000)).unwrap_or_default();
    let start = String::from_utf8_lossy(start).to_lowercase();
    if !start.starts_with('<') {
        return None;
    }
    let is_sheet = start.contains("urn:schemas-microsoft-com:office:spreadsheet") && !start.contains("<html");
    Some(if is_sheet {
        say!(
            "这是 XML 格式的旧版工作簿；请用 Excel 打开并另存为 .xlsx",
            "this is a workbook written as XML; open it in a spreadsheet and save it as .xlsx"
        )
    } else if start.contains("<html") || start.contains("<table") || start.contains("<!doctype") {
        say!(
            "这是网页（HTML），只是扩展名像工作簿；请用 Excel 打开并另存为 .xlsx",
            "this is a web page (HTML), whatever it is called; open it in a spreadsheet and save it as .xlsx"
        )
    } else {
        say!("这是 XML，不是表格；请上传 .xlsx 或 CSV", "this is XML and no table; send .xlsx or CSV")
    })
}
