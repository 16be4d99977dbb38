use serde_json::json;

use crate::company::Company;

const ONE: &str = "[appeal]\nlevels = [\"superior.superior\"]";
const UPLOAD: &str = "/v1/appeals/documents?name=%E8%AF%81%E6%8D%AE.pdf";

#[actix_web::test]
async fn given_a_document_when_handed_in_then_those_of_the_case_download_it_and_nobody_else() {
    let company = Company::with(ONE).await;
    let (own, pdf) = (company.as_person("E1"), b"%PDF-1.7 proof".to_vec());
    let headers = [("content-type", "application/pdf")];
    let kept = own.send("POST", UPLOAD, &headers, pdf.clone()).await.expect(201);
    assert_eq!((kept.str("/name"), kept.body["size"].clone()), ("证据.pdf", json!(14)));
    let path = format!("/v1/appeals/documents/{}", kept.str("/id"));
    company.as_person("G").get(&path).await.expect(404);
    let stolen = company.filing(json!({ "documents": [kept.str("/id")] }));
    company.as_person("E2").post("/v1/appeals", stolen).await.expect(422);

    let filed = company.file_with(json!({ "documents": [kept.str("/id")] })).await.expect(201);
    assert_eq!(filed.body["documents"][0]["id"], kept.body["id"]);
    for client in [own.clone(), company.as_person("G"), company.hr("P1")] {
        let download = client.get(&path).await.expect(200);
        assert_eq!(download.bytes, pdf);
        assert_eq!(download.header("x-content-type-options"), Some("nosniff"));
        assert!(download.header("content-disposition").unwrap().starts_with("attachment; "));
    }
    company.as_person("M").get(&path).await.expect(404);

    // Used once, and added to while somebody decides.
    let note = json!({ "text": "听证：核对了记录", "documents": [kept.str("/id")] });
    let notes = format!("/v1/appeals/{}/notes", filed.str("/id"));
    own.post(&notes, note).await.expect(422);
    let added = company.as_person("G").post(&notes, json!({ "text": "听证：核对了记录" })).await.expect(200);
    assert_eq!((added.str("/notes/0/text"), added.str("/notes/0/by")), ("听证：核对了记录", "G"));
    company.as_person("M").post(&notes, json!({ "text": "x" })).await.expect(404);
}

#[actix_web::test]
async fn given_what_is_no_document_then_it_is_refused() {
    let company = Company::with(ONE).await;
    let own = company.as_person("E1");
    for (media, bytes, status) in [
        ("application/pdf", b"<script>".to_vec(), 415),
        ("text/html", b"<script>".to_vec(), 415),
        ("text/plain", vec![b'x'; (10 << 20) + 1], 413),
    ] {
        own.send("POST", UPLOAD, &[("content-type", media)], bytes).await.expect(status);
    }
}
