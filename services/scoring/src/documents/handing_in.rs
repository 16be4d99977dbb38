use platform::web::Errors;
use platform::{Result, Tx, say};
use steps::documents::rows as documents;
use uuid::Uuid;

/// What an entry or a note is, as documents say what they are about.
pub fn entry(id: Uuid) -> String {
    format!("entry:{id}")
}

pub fn note(id: Uuid) -> String {
    format!("note:{id}")
}

/// Values of a cycle that no rater gives.
pub fn facts(cycle: Uuid) -> String {
    format!("facts:{cycle}")
}

/// A correction of results of a cycle.
pub fn correction(cycle: Uuid) -> String {
    format!("correction:{cycle}")
}

/// Hands in documents that the caller has uploaded, each with what it is for and where it stands in the request.
pub async fn hand_in(tx: &mut Tx, all: &[(String, Uuid, String)]) -> Result<()> {
    let mut errors = Errors::default();
    for (pointer, document, about) in all {
        if documents::hand_in(tx, std::slice::from_ref(document), about).await? == 0 {
            let why =
                say!("没有您上传且尚未使用的此文件", "there is no such document that you uploaded and did not use");
            errors.add(pointer, why);
        }
    }
    errors.check()
}
